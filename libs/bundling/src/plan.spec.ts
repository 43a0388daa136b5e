import { type GroupOf, parseGroupBy } from '@data-aggregator/shared-processing/groups';
import fc from 'fast-check';
import type { Candidate } from './outcome.ts';
import { bytesOf, membersOf, planBundles } from './plan.ts';
import { candidate } from './testing/landed.ts';

const limits = { maxBytes: 100, maxMembers: 3, largeBytes: 60 };
const shape = (sizes: number[]) =>
  planBundles(
    sizes.map((size, i) => candidate(`${i}`, size)),
    limits,
  ).map((bundle) => membersOf(bundle).map(({ size }) => size));

describe('planBundles', () => {
  it.each<[string, number[], number[][]]>([
    ['nothing', [], []],
    ['one file', [5], [[5]]],
    ['a full count', [1, 1, 1, 1], [[1, 1, 1], [1]]],
    ['a full bundle', [50, 50, 1], [[50, 50], [1]]],
    ['a large file, alone', [5, 61, 5], [[5, 5], [61]]],
    ['a file larger than any bundle at the head', [500, 5], [[500], [5]]],
    ['empty files', [0, 0, 0, 0], [[0, 0, 0], [0]]],
  ])('plans %s', (_, sizes, expected) => {
    expect(shape(sizes)).toEqual(expected);
  });

  it('puts every candidate into exactly one bundle, within the limits', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (sizes) => {
        const candidates = sizes.map((size, i) => candidate(`${i}`, size));
        const planned = planBundles(candidates, limits);
        const all = planned.flatMap((bundle): readonly Candidate[] => membersOf(bundle));
        expect(new Set(all)).toEqual(new Set(candidates));
        expect(all).toHaveLength(candidates.length);
        for (const bundle of planned) {
          expect(membersOf(bundle).length).toBeGreaterThan(0);
          expect(bytesOf(bundle)).toBe(membersOf(bundle).reduce((sum, { size }) => sum + size, 0));
          if (bundle.kind === 'packed') {
            expect(bundle.members.length).toBeLessThanOrEqual(limits.maxMembers);
            expect(bundle.bytes).toBeLessThanOrEqual(limits.maxBytes);
          } else expect(bundle.member.size).toBeGreaterThan(limits.largeBytes);
        }
      }),
    );
  });

  it.each([
    [0, [500, 200]],
    [1, [500, 200]],
    [2, [300, 300, 100]],
    [3, Array<number>(35).fill(20)],
    [4, Array<number>(700).fill(1)],
    [5, Array<number>(700).fill(1)],
  ])(
    'makes smaller bundles of files that failed %i times, to find the one at fault',
    (failures, expected) => {
      const candidates = Array.from({ length: 700 }, (_, i) => ({ ...candidate(`${i}`, 0), failures }));
      const planned = planBundles(candidates, { ...limits, maxMembers: 500 });
      expect(planned.map((bundle) => membersOf(bundle).length)).toEqual(expected);
    },
  );

  it('copies large objects that the route says so of, and no small ones', () => {
    const isCopied = ({ size }: Candidate) => size % 2 === 0;
    const sizes = [limits.largeBytes + 1, limits.largeBytes + 2, 2].map((size, i) => candidate(`${i}`, size));
    const kinds = planBundles(sizes, { ...limits, isCopied }).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['copy', 'packed', 'single']);
  });
});

describe('planBundles with groups', () => {
  const bySegment = { ...limits, groupOf: parseGroupBy('segments:1') };
  const landed = (key: string, landedAt = 0, size = 1): Candidate => {
    const it = candidate(key, size);
    return { ...it, landed: { ...it.landed, landedAt } };
  };
  const keysOf = (planned: ReturnType<typeof planBundles>) =>
    planned.map((bundle) => membersOf(bundle).map(({ landed }) => landed.key));

  it('gives each group a bundle before one gets a second, the group with the oldest file first', () => {
    const flood = ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6', 'a/7'].map((key) => landed(key, 5));
    const others = [landed('b/1', 9), landed('c/1', 7), landed('c/2', 2), landed('loose', 6)];
    expect(keysOf(planBundles([...flood, ...others], bySegment))).toEqual([
      ['c/1', 'c/2'],
      ['a/1', 'a/2', 'a/3'],
      ['loose'],
      ['b/1'],
      ['a/4', 'a/5', 'a/6'],
      ['a/7'],
    ]);
  });

  it('names the group of each bundle, and none without grouping', () => {
    const planned = planBundles([landed('A/1'), landed('x')], bySegment);
    expect(planned.map(({ group }) => group)).toEqual([
      { name: expect.stringMatching(/^a---/), text: 'A' },
      { name: '_ungrouped', text: undefined },
    ]);
    expect(planBundles([landed('a/1')], limits)).toEqual([
      { kind: 'packed', members: [landed('a/1')], bytes: 1 },
    ]);
  });

  /** Keys in which groups are easily confused. */
  const segment = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      'a-',
      'a--b',
      '',
      '.',
      '..',
      '_ungrouped',
      '2026',
      'con',
      '*',
      '${x}',
      'é',
      'e\u0301',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
  const objects = fc.array(
    fc.record({
      key,
      size: fc.oneof({ weight: 5, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.nat(200) }),
      landedAt: fc.nat(100),
      failures: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
    }),
    { maxLength: 60 },
  );
  const layout = fc.constantFrom(
    'segments:1',
    'segments:2',
    'segments:3',
    'pattern:^([^/]+)/',
    'pattern:^a(.*)$',
  );

  it('mixes no groups, puts every file into its own group, keeps names safe, and makes a bounded number of bundles', () => {
    fc.assert(
      fc.property(objects, layout, (all, groupBy) => {
        const groupOf: GroupOf = parseGroupBy(groupBy);
        const candidates = all.map(({ key, landedAt, size, failures }, n): Candidate => {
          const it = landed(key, landedAt, size);
          return { ...it, id: `${n}`, failures };
        });
        const planned = planBundles(candidates, { ...limits, groupOf });

        const members = planned.flatMap((bundle): readonly Candidate[] => membersOf(bundle));
        expect(new Set(members)).toEqual(new Set(candidates));
        expect(members).toHaveLength(candidates.length);
        const names = new Map<string, string | undefined>();
        for (const bundle of planned) {
          expect(bundle.group?.name).toMatch(/^(?:_ungrouped|[a-z0-9][a-z0-9._-]{0,62})$/);
          for (const member of membersOf(bundle)) expect(groupOf(member.landed.key)).toEqual(bundle.group);
          const { name = '', text } = bundle.group ?? {};
          expect(names.has(name) ? names.get(name) : text).toBe(text);
          names.set(name, text);
        }

        const fresh = candidates.filter(({ size, failures }) => size <= limits.largeBytes && failures === 0);
        const bytes = fresh.reduce((sum, { size }) => sum + size, 0);
        const others = candidates.length - fresh.length;
        expect(planned.length).toBeLessThanOrEqual(
          names.size + fresh.length / limits.maxMembers + (2 * bytes) / limits.maxBytes + others,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is fair: between two bundles of a group, every other group with files left gets one', () => {
    fc.assert(
      fc.property(objects, (all) => {
        const candidates = all.map((it, n) => ({ ...landed(it.key, it.landedAt, it.size), id: `${n}` }));
        const names = planBundles(candidates, bySegment).map(({ group }) => group?.name);
        names.forEach((name, at) => {
          const before = names.slice(0, at);
          const earlier = before.filter((other) => other === name).length;
          for (const other of new Set(names)) {
            const had = before.filter((one) => one === other).length;
            const total = names.filter((one) => one === other).length;
            expect(had).toBeGreaterThanOrEqual(Math.min(earlier, total));
          }
        });
      }),
    );
  });
});
