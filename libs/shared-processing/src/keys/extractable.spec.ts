import * as fc from 'fast-check';
import { memberName, nameMembers, nameProblem, otherName } from './index.ts';
import { hostileKey } from './testing/hostile-keys.ts';

describe('nameProblem', () => {
  it('accepts every name that nameMembers chooses', () => {
    const usable = hostileKey.filter((key) => memberName(key).kind === 'name');
    fc.assert(
      fc.property(fc.array(usable, { maxLength: 20 }), (keys) => {
        const names = nameMembers(keys.map((key, index) => ({ key, identity: `${index}` })));
        expect(nameProblem([...names.values()])).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, string[]]>([
    ['leaves the folder', ['../a']],
    ['leaves the folder in the middle', ['a/../../b']],
    ['is absolute', ['/etc/passwd']],
    ['is empty', ['']],
    ['has an empty segment', ['a//b']],
    ['ends in a slash', ['a/']],
    ['is the folder itself', ['.']],
    ['is a drive on Windows', ['C:/a']],
    ['has a backslash', ['..\\a']],
    ['is a device', ['nul.txt']],
    ['has a control character', ['a\nb']],
    ['is too long', [`${'a/'.repeat(400)}b`]],
    ['is not in NFC', ['e\u0301']],
  ])('refuses a name that %s', (_, names) => {
    expect(nameProblem(names)).toMatch('is not a safe file name');
  });

  it('refuses two names of one file', () => {
    expect(nameProblem(['a/B', 'a/b'])).toBe('"a/b" is the name of two files');
  });

  it('refuses a name inside a file', () => {
    expect(nameProblem(['a/b/c', 'A'])).toBe('"a/b/c" is inside a file');
  });
});

describe('otherName', () => {
  it('keeps the extension and depends on the tag only', () => {
    expect(otherName('report.csv', 'v2')).toMatch(/^report-[0-9a-f]{12}\.csv$/);
    expect(otherName('report.csv', 'v2')).toBe(otherName('report.csv', 'v2'));
    expect(otherName('report.csv', 'v2')).not.toBe(otherName('report.csv', 'v3'));
  });
});
