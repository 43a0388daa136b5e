import fc from 'fast-check';
import type { Run } from '../codec/write-coalescer.ts';
import type { Compressibility } from './compressibility.ts';
import { MAX_SPARSE, MIN_STORED, planTreatment, type Treatment } from './plan.ts';

/** Runs from lengths: `c` compressible, `i` incompressible; `d`, `s`, `z` for deflate, store and sparse. */
const KINDS = { c: 'compressible', i: 'incompressible', d: 'deflate', s: 'store', z: 'sparse' } as const;
function runs<Kind extends string>(spec: string): Run<Kind>[] {
  let end = 0;
  return spec.split(' ').map((part) => {
    end += Number(part.slice(1));
    return { kind: KINDS[part[0] as keyof typeof KINDS] as unknown as Kind, end };
  });
}

describe('planTreatment', () => {
  it.each([
    ['text', false, 'c9000', 'd9000'],
    ['text after stored bytes', true, 'c9000', 'd9000'],
    ['a header after stored bytes', true, 'c1000', 'z1000'],
    ['the longest header after stored bytes', true, 'c2048', 'z2048'],
    ['a header inside zlib', false, 'c1000', 'd1000'],
    ['a body that pays', false, 'c9000 i20000', 'd9000 s20000'],
    ['the smallest body that pays', false, 'i16384', 's16384'],
    ['a body that would only pay with the padding after it', false, 'i16383 c512', 'd16895'],
    ['a body that does not pay', false, 'c9000 i5000 c512', 'd14512'],
    ['a small body after stored bytes', true, 'c512 i5000 c512', 'z512 s5000 z512'],
    ['a small body after text', true, 'c9000 i5000', 'd14000'],
    [
      'small bodies that pay together',
      false,
      'c9000 i9000 c1000 i9000 c9000',
      'd9000 s9000 z1000 s9000 d9000',
    ],
    ['small bodies with the longest header in between', false, 'i9000 c2048 i9000', 's9000 z2048 s9000'],
    ['small bodies with text in between', false, 'i9000 c9000 i9000', 'd27000'],
    ['a large body, then text, then a small body', false, 'i20000 c9000 i9000', 's20000 d18000'],
  ])('%s', (_case, outside, given, planned) => {
    expect(planTreatment(runs<Compressibility>(given), outside)).toEqual(runs<Treatment>(planned));
  });

  it('treats every byte once, stores only incompressible bytes, and leaves zlib only if it pays', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, fc.boolean(), fc.boolean(), (given, startsStored, outside) => {
        const natures = given.map(
          (length, index) => `${(index % 2 === 0) === startsStored ? 'i' : 'c'}${length}`,
        );
        const batch = runs<Compressibility>(natures.join(' '));
        const plan = planTreatment(batch, outside);
        expect(plan.at(-1)?.end).toBe(batch.at(-1)?.end);
        plan.forEach(({ kind, end }, index) => {
          const start = plan[index - 1]?.end ?? 0;
          const before = plan[index - 1]?.kind;
          expect(end).toBeGreaterThan(start);
          expect(kind).not.toBe(before);
          if (kind === 'sparse') expect(end - start).toBeLessThanOrEqual(MAX_SPARSE);
          if (kind === 'store') {
            const within = batch.find((run) => run.end >= end);
            expect(within).toMatchObject({ kind: 'incompressible', end });
          }
          if (kind === 'store' && (index === 0 ? !outside : before === 'deflate')) {
            const until = plan.slice(index).findIndex((later) => later.kind === 'deflate');
            const stretch = (until < 0 ? plan.at(-1) : plan[index + until - 1])?.end ?? 0;
            expect(stretch - start).toBeGreaterThanOrEqual(MIN_STORED);
          }
        });
      }),
    );
  });
});
