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

  it('copies large objects that the route says so of, and no small ones', () => {
    const isCopied = ({ size }: Candidate) => size % 2 === 0;
    const sizes = [limits.largeBytes + 1, limits.largeBytes + 2, 2].map((size, i) => candidate(`${i}`, size));
    const kinds = planBundles(sizes, { ...limits, isCopied }).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['copy', 'packed', 'single']);
  });
});
