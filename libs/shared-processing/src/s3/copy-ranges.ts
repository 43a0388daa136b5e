/** Bytes of an object from `start` to `end` (excluded). */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Divides bytes into ranges of nearly equal size.
 *
 * @param bytes at least one
 * @param rangeBytes size of a range, unless that would be more than `maxRanges`
 */
export function copyRanges({ start, end }: ByteRange, rangeBytes: number, maxRanges: number): ByteRange[] {
  const size = end - start;
  const count = Math.min(maxRanges, Math.ceil(size / rangeBytes));
  const [each, more] = [Math.floor(size / count), size % count];
  const boundary = (index: number) => start + each * index + Math.min(index, more);
  return Array.from({ length: count }, (_, index) => ({ start: boundary(index), end: boundary(index + 1) }));
}
