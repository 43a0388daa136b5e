import type { ListedVersion } from '@data-aggregator/shared-processing/s3';

/** The landing times to examine; ms since the epoch. */
export interface Range {
  from: number;
  /** Not included. */
  to: number;
  /** `from` for versions that were uploaded in parts. */
  uploadsFrom: number;
}

const HOUR_MS = 3_600_000;

/**
 * S3 dates an object that was uploaded in parts by the start of its upload, but it appears at the end. The lifecycle of the
 * landing bucket aborts incomplete uploads after seven days, rounded up to the next midnight.
 */
const MAX_UPLOAD_MS = 8 * 24 * HOUR_MS;

/** Other objects may appear a little later than their date. */
const OVERLAP_MS = HOUR_MS / 4;

/** The range of objects that appeared since everything before `from` was examined. */
export function rangeSince(from: number, to: number): Range {
  return { from: from - OVERLAP_MS, to, uploadsFrom: from - MAX_UPLOAD_MS };
}

/**
 * Removes the part of a range before the ledger's horizon. There, a missing claim proves nothing, and requeueing an object
 * could deliver it twice.
 */
export function clampToHorizon(horizon: number, { from, to, uploadsFrom }: Range): Range {
  return { from: Math.max(from, horizon), to, uploadsFrom: Math.max(uploadsFrom, horizon) };
}

export function isInRange(range: Range, { lastModified, etag }: ListedVersion): boolean {
  // The ETag of a multipart upload ends in the number of parts: `…-3`.
  const from = etag.includes('-') ? Math.min(range.from, range.uploadsFrom) : range.from;
  return lastModified >= from && lastModified < range.to;
}
