import type { Checksum } from './checksums.ts';
import { S3Error } from '../errors.ts';
import type { ObjectVersion } from '../model.ts';
import type { ByteRange } from '../http/range.ts';
import { countParameter } from '../http/request.ts';
import type { XmlNode } from '../http/xml.ts';

/** Parses the query parameter `partNumber`: 1 to 10,000. @throws S3Error InvalidArgument */
export function parsePartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 10_000) return number;
  throw new S3Error('InvalidArgument', {
    message: 'Part number must be an integer between 1 and 10000, inclusive.',
    details: { ArgumentName: 'partNumber', ArgumentValue: text },
  });
}

export interface PartOfObject extends ByteRange {
  checksum: Checksum | undefined;
  /** Undefined if the object was not created by a multipart upload. */
  partsCount: number | undefined;
}

/**
 * The part of an object requested by `partNumber` in a GET or HEAD. An object not created by a multipart upload has one
 * part: itself.
 *
 * @throws S3Error InvalidPartNumber if there is no such part
 * @see "GetObject" and "HeadObject" in the Amazon S3 API Reference
 */
export function findPart({ parts, blob, checksum }: ObjectVersion, number: number): PartOfObject {
  if (parts === undefined && number === 1) {
    return { start: 0, end: blob.size, checksum, partsCount: undefined };
  }
  let start = 0;
  for (const part of parts ?? []) {
    const end = start + part.size;
    if (part.number === number) return { start, end, checksum: part.checksum, partsCount: parts?.length };
    start = end;
  }
  throw new S3Error('InvalidPartNumber', {
    details: { PartNumberRequested: String(number), ActualPartCount: String(parts?.length ?? 1) },
  });
}

const MAX_LISTED_PARTS = 1000;

/**
 * One page of parts, by number, and the XML elements that describe the page.
 *
 * @param page requested maximum number of parts (at most 1,000) and the part number after which the page begins
 * @throws S3Error InvalidArgument
 */
export function pageOfParts<P extends { number: number }>(
  all: readonly P[],
  page: { limit: string | undefined; marker: string | undefined },
): { parts: P[]; paging: XmlNode[] } {
  const limit = Math.min(
    MAX_LISTED_PARTS,
    countParameter('max-parts', page.limit ?? String(MAX_LISTED_PARTS)),
  );
  const marker = countParameter('part-number-marker', page.marker ?? '0');
  const rest = all.filter(({ number }) => number > marker).sort((a, b) => a.number - b.number);
  const parts = rest.slice(0, limit);
  const truncated = rest.length > parts.length && limit > 0;
  const paging: XmlNode[] = [
    ['PartNumberMarker', marker],
    ['NextPartNumberMarker', truncated ? parts.at(-1)?.number : undefined],
    ['MaxParts', limit],
    ['IsTruncated', truncated],
  ];
  return { parts, paging };
}
