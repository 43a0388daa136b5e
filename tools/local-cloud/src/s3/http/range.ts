import { S3Error } from '../errors.ts';

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header for an object of `size` bytes. One that is no byte range is passed over, as RFC 9110 demands.
 *
 * @returns undefined where the whole object is asked for
 * @throws S3Error InvalidRange where no byte of it exists; NotImplemented for several ranges
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  if (header.includes(',')) throw new S3Error('NotImplemented', { message: 'One range at a time.' });
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const range =
    first === ''
      ? { start: Math.max(0, size - Number(last)), end: size }
      : { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
  if (last !== '' && first !== '' && Number(last) < Number(first)) return undefined;
  if (range.start >= range.end) {
    throw new S3Error('InvalidRange', {
      headers: { 'content-range': `bytes */${size}` },
      details: { RangeRequested: header, ActualObjectSize: String(size) },
    });
  }
  return range;
}
