import { S3Error } from '../errors.ts';

/** Bytes from `start` (inclusive) to `end` (exclusive). */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Parses a Range header for an object of `size` bytes. An invalid range is ignored, as required by RFC 9110.
 *
 * @returns undefined if the whole object is requested
 * @throws S3Error InvalidRange if the range is outside the object; NotImplemented for several ranges
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  if (header.includes(','))
    throw new S3Error('NotImplemented', { message: 'This S3 supports only one range per request.' });
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
