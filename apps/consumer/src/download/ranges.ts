/** A range of bytes, both ends included. */
export interface ByteRange {
  index: number;
  from: number;
  to: number;
}

/** Bytes per request. A smaller bundle takes one request. */
export const RANGE_BYTES = 16 * 1024 ** 2;

/** The ranges of a bundle that are not on disk yet, in order. @param done indices of complete ranges */
export function missingRanges(size: number, done: ReadonlySet<number>, bytes = RANGE_BYTES): ByteRange[] {
  return Array.from({ length: Math.ceil(size / bytes) }, (_, index) => ({
    index,
    from: index * bytes,
    to: Math.min(size, (index + 1) * bytes) - 1,
  })).filter(({ index }) => !done.has(index));
}
