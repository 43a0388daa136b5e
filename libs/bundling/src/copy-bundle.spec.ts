import { MAX_PART_BYTES, MAX_PARTS, MIN_PART_BYTES } from '@data-aggregator/shared-processing/s3';
import fc from 'fast-check';
import { COPY_LIMITS, MAX_COPIED_BYTES, minCopiedBytes, rangesOf } from './copy-bundle.ts';

const GiB = 1024 ** 3;

describe('the ranges of a copy', () => {
  it.each([
    [minCopiedBytes(COPY_LIMITS), 1],
    [GiB, 1],
    [5 * GiB, 5],
    [5e12, 4657],
    [MAX_COPIED_BYTES, MAX_PARTS - 2],
  ])('of %i bytes are %i', (size, count) => {
    expect(rangesOf(size, COPY_LIMITS)).toHaveLength(count);
  });

  it('follow each other from the end of the start to the end of the object, each as S3 demands of a part', () => {
    const sizes = fc.oneof(
      fc.integer({ min: minCopiedBytes(COPY_LIMITS), max: 10 * GiB }),
      fc.integer({ min: 10 * GiB, max: MAX_COPIED_BYTES }),
    );
    fc.assert(
      fc.property(sizes, (size) => {
        let position = COPY_LIMITS.headBytes;
        const ranges = rangesOf(size, COPY_LIMITS);
        for (const { start, end } of ranges) {
          if (start !== position) throw new Error(`a range starts at ${start} instead of ${position}`);
          if (end - start < MIN_PART_BYTES || end - start > MAX_PART_BYTES)
            throw new Error(`${end - start} bytes`);
          position = end;
        }
        expect(position).toBe(size);
        expect(ranges.length).toBeLessThanOrEqual(MAX_PARTS - 2);
      }),
      { numRuns: 40 },
    );
  });
});
