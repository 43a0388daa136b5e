import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { IdSet } from './id-set.ts';

const id = () => randomBytes(16).toString('base64url');

describe('a set of object ids', () => {
  it('contains exactly what was added, while it grows', () => {
    const added = Array.from({ length: 20_000 }, id);
    const set = new IdSet();
    for (const one of added) set.add(one);
    for (const one of added) set.add(one);
    expect(set.size).toBe(20_000);
    expect(added.every((one) => set.has(one))).toBe(true);
    expect(Array.from({ length: 20_000 }, id).some((one) => set.has(one))).toBe(false);
  });

  it('keeps ids apart that belong in the same slot', () => {
    const tail = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(tail), fc.array(tail), (added, others) => {
        const ids = (tails: Uint8Array[]) =>
          tails.map((end) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1]), end]).toString('base64url'));
        const set = new IdSet();
        for (const one of ids(added)) set.add(one);
        const expected = new Set(ids(added));
        for (const one of ids([...added, ...others])) expect(set.has(one)).toBe(expected.has(one));
        expect(set.size).toBe(expected.size);
      }),
    );
  });

  it('refuses what is no id', () => {
    expect(() => new IdSet().add('short')).toThrow('"short" is not an object id');
  });
});
