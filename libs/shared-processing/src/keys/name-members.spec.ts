import * as fc from 'fast-check';
import { type MemberKey, nameMembers } from './index.ts';
import { shortHash, withHashSuffix } from './safe-segment.ts';
import { MAX_NAME_BYTES, memberName } from './member-name.ts';
import { nameMembersInSteps } from './name-members.ts';
import { FILE_SYSTEMS, hostileKey, collisionsOn, brokenRules } from './testing/hostile-keys.ts';

/** One member for each key; a key that comes again is another version of the object. */
const members = (keys: readonly string[]): MemberKey[] =>
  keys.map((key, index) => ({
    key,
    identity: `${key}@${keys.slice(0, index).filter((it) => it === key).length}`,
  }));

const namesOf = (...keys: string[]) => [...nameMembers(members(keys)).values()];

const nameableKey = hostileKey.filter((key) => memberName(key).kind === 'name');
const bundle = fc.array(nameableKey, { maxLength: 30 }).map(members);

describe('the names in a bundle', () => {
  it('are the keys, where these are safe and apart', () => {
    expect(namesOf('a', 'b/c', 'b/d')).toEqual(['a', 'b/c', 'b/d']);
  });

  it('"a//b" and "a/b" do not overwrite each other on extraction', () => {
    expect(namesOf('a//b', 'a/b')).toEqual(['a/_/b', 'a/b']);
  });

  it('"folder/" beside "folder/x" extracts', () => {
    expect(namesOf('folder/', 'folder/x')).toEqual(['folder/_', 'folder/x']);
  });

  it('a file gives way to a folder of its name', () => {
    const [a, below] = namesOf('a', 'a/b');
    expect(a).toMatch(/^a-[0-9a-f]{12}$/);
    expect(below).toBe('a/b');
  });

  it('a file gives way to a folder that differs by case, also where another sorts between them', () => {
    const [a, , below] = namesOf('A.x', 'a.x!', 'a.X/b');
    expect(a).toMatch(/^A-[0-9a-f]{12}\.x$/);
    expect(below).toBe('a.X/b');
  });

  it('a key that is its own name keeps it beside one that is rewritten to it', () => {
    const [rewritten, own] = namesOf('a:b.txt', 'a_b.txt');
    expect(rewritten).toMatch(/^a_b-[0-9a-f]{12}\.txt$/);
    expect(own).toBe('a_b.txt');
  });

  it('names that differ by case only both get a suffix: neither is more right', () => {
    expect(namesOf('Report.csv', 'report.csv')).toEqual([
      expect.stringMatching(/^Report-[0-9a-f]{12}\.csv$/),
      expect.stringMatching(/^report-[0-9a-f]{12}\.csv$/),
    ]);
  });

  it('a key in NFC keeps its name beside one that is composed to it', () => {
    const [composed, decomposed] = namesOf('ä.txt', 'a\u0308.txt');
    expect(composed).toBe('ä.txt');
    expect(decomposed).toMatch(/^ä-[0-9a-f]{12}\.txt$/);
  });

  it('keys that differ only in their normal form are files of their own', () => {
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

  it('two versions of one key are two files', () => {
    const names = namesOf('a.csv', 'a.csv');
    expect(new Set(names).size).toBe(2);
  });

  it('a suffix that is taken already gives way to another', () => {
    const taken = namesOf('Report.csv', 'report.csv')[0] as string;
    const names = namesOf('Report.csv', 'report.csv', taken);
    expect(names[2]).toBe(taken);
    expect(names[0]).toMatch(/^Report-[0-9a-f]{12}\.csv$/);
    expect(collisionsOn(fold(), names)).toEqual([]);
  });

  it('10,000 members of one name are named apart in time that grows with their number', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) =>
      [...'abcdefghijklmn'].map((char, bit) => ((index >> bit) & 1 ? char.toUpperCase() : char)).join(''),
    );
    const started = performance.now();
    const names = nameMembers(keys.map((key) => ({ key, identity: key })));
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(collisionsOn(fold(), [...names.values()])).toEqual([]);
  });

  /** A file that must take a suffix, and `length` files whose keys are its first suffixes. */
  const chain = (length: number): MemberKey[] => [
    ...members(['A.csv', 'a.csv']),
    ...members(
      Array.from({ length }, (_, index) =>
        withHashSuffix('A.csv', shortHash(`${index + 2}/${members(['A.csv'])[0]?.identity}`)),
      ),
    ),
  ];

  it('a chain of taken suffixes is followed to its end, and every planted key keeps its name', () => {
    const them = chain(50);
    const names = [...nameMembers(them).values()];
    expect(names.slice(2)).toEqual(them.slice(2).map(({ key }) => key));
    expect(names[0]).toBe(withHashSuffix('A.csv', shortHash('52/A.csv@0')));
    expect(collisionsOn(fold(), names)).toEqual([]);
  });

  it('a chain of taken suffixes costs steps in the order of n log n', () => {
    for (const length of [500, 5_000]) {
      const { steps } = nameMembersInSteps(chain(length));
      expect(steps).toBeGreaterThan(length);
      expect(steps).toBeLessThan(4 * length * Math.log2(length));
    }
  });

  it('every chain of taken suffixes, files and folders costs steps in the order of n log n', () => {
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

  it('refuse a key that has no name, and an identity that comes twice', () => {
    expect(() => namesOf('a/../b')).toThrow('no name for "a/../b": the key has a ".." segment');
    const twice = { key: 'a', identity: 'a' };
    expect(() => nameMembers([twice, twice])).toThrow('two members of a bundle have one identity');
  });

  it('lose nothing on any file system, in any order of extraction', () => {
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

  it('are such that every system takes them', () => {
    fc.assert(
      fc.property(bundle, (them) => {
        for (const name of nameMembers(them).values()) {
          expect(brokenRules(name)).toEqual([]);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_BYTES + 13);
        }
      }),
    );
  });

  it('depend on the members, not on their order', () => {
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

/** The loosest comparison: case, normal form and compatibility form at once. */
function fold() {
  return (name: string) => name.normalize('NFKD').toLowerCase();
}
