import type { ListedVersion } from '@data-aggregator/shared-processing/s3';

/** Which versions are looked at, by when they landed; ms since the epoch. */
export interface Range {
  from: number;
  /** Not included. */
  to: number;
  /** Of versions that were uploaded in parts, those from here on. */
  uploadsFrom: number;
}

const HOUR_MS = 3_600_000;

/**
 * S3 dates an object that was uploaded in parts by when its upload began, and it appears when the upload ends. Uploads
 * that are never completed are aborted after a day, by a rule that runs once a day.
 */
const MAX_UPLOAD_MS = 48 * HOUR_MS;

/** Other objects may appear somewhat behind their date. */
const OVERLAP_MS = HOUR_MS / 4;

/** How much earlier than claims end the ledger's word is not taken any more: clocks and lifetimes are not exact. */
const HORIZON_MARGIN_MS = 24 * HOUR_MS;

/** What appeared since everything before `from` was looked at. */
export function rangeSince(from: number, to: number): Range {
  return { from: from - OVERLAP_MS, to, uploadsFrom: from - MAX_UPLOAD_MS };
}

/**
 * A range without what is older than the ledger remembers: there, no claim is no proof, and enqueueing an object again
 * could deliver it twice.
 */
export function clampToHorizon(ledgerHorizon: number, { from, to, uploadsFrom }: Range): Range {
  return { from: Math.max(from, ledgerHorizon), to, uploadsFrom: Math.max(uploadsFrom, ledgerHorizon) };
}

/** The landing time from which on the ledger knows of every delivery. */
export function ledgerHorizon(now: number, claimRetentionMs: number): number {
  return now - claimRetentionMs + HORIZON_MARGIN_MS;
}

export function isInRange(range: Range, { lastModified, etag }: ListedVersion): boolean {
  // The ETag of what was uploaded in parts ends in their number: `…-3`.
  const from = etag.includes('-') ? Math.min(range.from, range.uploadsFrom) : range.from;
  return lastModified >= from && lastModified < range.to;
}
