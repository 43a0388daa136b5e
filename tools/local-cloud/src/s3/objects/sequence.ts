import { randomBytes } from 'node:crypto';

/** Version id of an object written while its bucket's versioning is not enabled. */
export const NULL_VERSION = 'null';

const DIGITS = 11;

/**
 * Numbers that only ever grow, also while the clock stands still or is set back, and stay near the clock, as real
 * sequencers do. Safe integers until the year 2248.
 *
 * @param clock milliseconds since 1970
 */
export function createSequence(clock: () => number): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Math.floor(clock()) * 1024));
}

/** A sequence number as events carry it: hex of a fixed width, so that strings compare as the numbers do. */
export function sequencer(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0');
}

/** A version id that looks random, as S3's do, so that nobody comes to rely on its order; yet it tells its age. */
export function newVersionId(sequence: number): string {
  const random = randomBytes(15).toString('base64url').replaceAll('-', '.');
  return `${random}${sequence.toString(36).padStart(DIGITS, '0')}`;
}

/** An id of a multipart upload, greater than those of all earlier uploads. */
export function newUploadId(sequence: number): string {
  return `${sequence.toString(36).padStart(DIGITS, '0')}${randomBytes(15).toString('hex')}`;
}

/** The sequence number within a version id; undefined for the null version and for what is no version id of ours. */
export function sequenceOfVersionId(versionId: string): number | undefined {
  const digits = versionId.slice(-DIGITS);
  return versionId.length > DIGITS && /^[0-9a-z]+$/.test(digits) ? parseInt(digits, 36) : undefined;
}
