import * as fc from 'fast-check';
import { type MemberKey, nameMembers } from './index.ts';
import { shortHash, withHashSuffix } from './safe-segment.ts';
import { MAX_NAME_BYTES, memberName } from './member-name.ts';
import { nameMembersInSteps } from './name-members.ts';
import { FILE_SYSTEMS, hostileKey, collisionsOn, brokenRules } from './testing/hostile-keys.ts';

/** One member for each key; a repeated key stands for another version of the object. */
const members = (keys: readonly string[]): MemberKey[] =>
  keys.map((key, index) => ({
    key,
    identity: `${key}@${keys.slice(0, index).filter((it) => it === key).length}`,
  }));

const namesOf = (...keys: string[]) => [...nameMembers(members(keys)).values()];

const nameableKey = hostileKey.filter((key) => memberName(key).kind === 'name');
const bundle = fc.array(nameableKey, { maxLength: 30 }).map(members);

describe('nameMembers', () => {
  it('uses keys that are safe and distinct', () => {
    expect(namesOf('a', 'b/c', 'b/d')).toEqual(['a', 'b/c', 'b/d']);
  });

  it('gives "a//b" and "a/b" different names', () => {
    expect(namesOf('a//b', 'a/b')).toEqual(['a/_/b', 'a/b']);
  });

  it('names "folder/" so that it extracts next to "folder/x"', () => {
    expect(namesOf('folder/', 'folder/x')).toEqual(['folder/_', 'folder/x']);
  });

  it('renames a file that has the name of a folder', () => {
    const [a, below] = namesOf('a', 'a/b');
    expect(a).toMatch(/^a-[0-9a-f]{12}$/);
    expect(below).toBe('a/b');
  });

  it('renames a file whose name differs from a folder’s only in case, also if another name sorts between them', () => {
    const [a, , below] = namesOf('A.x', 'a.x!', 'a.X/b');
    expect(a).toMatch(/^A-[0-9a-f]{12}\.x$/);
    expect(below).toBe('a.X/b');
  });

  it('keeps a key that is its own name if another key is rewritten to it', () => {
    const [rewritten, own] = namesOf('a:b.txt', 'a_b.txt');
    expect(rewritten).toMatch(/^a_b-[0-9a-f]{12}\.txt$/);
    expect(own).toBe('a_b.txt');
  });

  it('gives both of two names that differ only in case a suffix', () => {
    expect(namesOf('Report.csv', 'report.csv')).toEqual([
      expect.stringMatching(/^Report-[0-9a-f]{12}\.csv$/),
      expect.stringMatching(/^report-[0-9a-f]{12}\.csv$/),
    ]);
  });

  it('keeps a key in NFC if another key composes to it', () => {
    const [composed, decomposed] = namesOf('ä.txt', 'a\u0308.txt');
    expect(composed).toBe('ä.txt');
    expect(decomposed).toMatch(/^ä-[0-9a-f]{12}\.txt$/);
  });

  it('gives keys that differ only in normal form different names', () => {
    const forms = fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD');
    fc.assert(
      fc.property(fc.array(fc.tuple(nameableKey, forms), { maxLength: 15 }), (them) => {
        const keys = them.flatMap(([key, form]) => [key, key.normalize(form)]);
        const names = [
          ...nameMembers(members(keys.filter((key) => memberName(key).kind === 'name'))).values(),
        ];
        expect(names.filter((name) => name !== name.normalize('NFC'))).toEqual([]);
        expect(collisionsOn(fold(), names)).toEqual([]);
      }),
    );
  });

  it('gives two versions of a key different names', () => {
    const names = namesOf('a.csv', 'a.csv');
    expect(new Set(names).size).toBe(2);
  });

  it('uses another suffix if one is taken', () => {
    const taken = namesOf('Report.csv', 'report.csv')[0] as string;
    const names = namesOf('Report.csv', 'report.csv', taken);
    expect(names[2]).toBe(taken);
    expect(names[0]).toMatch(/^Report-[0-9a-f]{12}\.csv$/);
    expect(collisionsOn(fold(), names)).toEqual([]);
  });

  it('names 10,000 members with equal names in time linear in their number', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) =>
      [...'abcdefghijklmn'].map((char, bit) => ((index >> bit) & 1 ? char.toUpperCase() : char)).join(''),
    );
    const started = performance.now();
    const names = nameMembers(keys.map((key) => ({ key, identity: key })));
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(collisionsOn(fold(), [...names.values()])).toEqual([]);
  });

  /** A file that needs a suffix, and `length` files whose keys are its first suffixes. */
  const chain = (length: number): MemberKey[] => [
    ...members(['A.csv', 'a.csv']),
    ...members(
      Array.from({ length }, (_, index) =>
        withHashSuffix('A.csv', shortHash(`${index + 2}/${members(['A.csv'])[0]?.identity}`)),
      ),
    ),
  ];

  it('follows a chain of taken suffixes to its end, and every planted key keeps its name', () => {
    const them = chain(50);
    const names = [...nameMembers(them).values()];
    expect(names.slice(2)).toEqual(them.slice(2).map(({ key }) => key));
    expect(names[0]).toBe(withHashSuffix('A.csv', shortHash('52/A.csv@0')));
    expect(collisionsOn(fold(), names)).toEqual([]);
  });

  it('tells identities apart that differ only in lone surrogates', () => {
    const lone = ['\ud800', '\udc00'].map((key) => ({ key, identity: key }));
    expect(new Set(nameMembers(lone).values()).size).toBe(2);
  }, 5_000);

  it('takes O(n log n) steps for a chain of taken suffixes', () => {
    for (const length of [500, 5_000]) {
      const { steps } = nameMembersInSteps(chain(length));
      expect(steps).toBeGreaterThan(length);
      expect(steps).toBeLessThan(4 * length * Math.log2(length));
    }
  });

  it('takes O(n log n) steps for any chain of taken suffixes, files and folders', () => {
    const planted = fc.array(fc.tuple(fc.nat(200), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.array(nameableKey, { minLength: 1, maxLength: 5 }), planted, (keys, plants) => {
        const [victims, doubles] = [members(keys), members(keys)];
        const others = plants.map(([rank, isFolder], index): MemberKey => {
          const { key, identity } = victims[index % victims.length] as MemberKey;
          const suffixed = withHashSuffix(key.split('/').at(-1) ?? '', shortHash(`${rank + 2}/${identity}`));
          return { key: isFolder ? `${suffixed}/x` : suffixed, identity: `planted ${index}` };
        });
        const them = [
          ...victims,
          ...doubles.map(({ key, identity }) => ({ key, identity: `again ${identity}` })),
          ...others.filter(({ key }) => memberName(key).kind === 'name'),
        ];
        const { names, steps } = nameMembersInSteps(them);
        expect(collisionsOn(fold(), [...names.values()])).toEqual([]);
        expect(steps).toBeLessThan(6 * them.length * Math.log2(them.length) + 20);
      }),
    );
  });

  it('rejects a key without a name, and a repeated identity', () => {
    expect(() => namesOf('a/../b')).toThrow('no name for "a/../b": the key has a ".." segment');
    const twice = { key: 'a', identity: 'a' };
    expect(() => nameMembers([twice, twice])).toThrow('two members of a bundle have the same identity');
  });

  it('loses nothing on any file system, in any order of extraction', () => {
    fc.assert(
      fc.property(bundle, fc.boolean(), (them, reversed) => {
        const names = [...nameMembers(them).values()];
        if (reversed) names.reverse();
        for (const [system, compare] of Object.entries(FILE_SYSTEMS)) {
          expect([system, collisionsOn(compare, names)]).toEqual([system, []]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('returns names that are valid on every system', () => {
    fc.assert(
      fc.property(bundle, (them) => {
        for (const name of nameMembers(them).values()) {
          expect(brokenRules(name)).toEqual([]);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_BYTES + 13);
        }
      }),
    );
  });

  it('returns the same names in any order of members', () => {
    const shuffled = bundle.chain((them) =>
      fc.tuple(fc.constant(them), fc.shuffledSubarray(them, { minLength: them.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const names = nameMembers(one);
        for (const [identity, name] of nameMembers(other)) expect(names.get(identity)).toBe(name);
      }),
    );
  });
});

/** The loosest comparison: ignores case, normal form and compatibility form. */
function fold() {
  return (name: string) => name.normalize('NFKD').toLowerCase();
}
