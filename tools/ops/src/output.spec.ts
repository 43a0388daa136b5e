import { createOutput, size, table } from './output.ts';

describe('the output', () => {
  it('formats a table without lines', () => {
    expect(
      table(
        ['a', 'b'],
        [
          ['1', 2],
          ['three', ''],
        ],
      ),
    ).toBe('a      b\n1      2\nthree');
  });

  it('escapes control characters in a key', () => {
    expect(table(['key'], [['a\u009b31m\nb']])).toBe('key\na\\u009b31m\\u000ab');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [262_144_000, '262.1 MB'],
  ])('formats %d bytes as %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it('writes one JSON document to standard output, and notes to standard error', () => {
    const [out, err] = [[] as string[], [] as string[]];
    const streams = {
      out: (text: string) => void out.push(text),
      err: (text: string) => void err.push(text),
    };
    const output = createOutput(true, streams);
    output.note('going on');
    output.result({ a: 1 }, () => 'text');
    expect(JSON.parse(out.join(''))).toEqual({ a: 1 });
    expect(err).toEqual(['going on\n']);
  });
});
