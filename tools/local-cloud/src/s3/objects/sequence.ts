import { randomIdBytes } from '../random-bytes.ts';

/** Version id of objects written while versioning is not enabled. */
export const NULL_VERSION = 'null';

const DIGITS = 11;

/**
 * Strictly increasing numbers near the current time, like real sequencers, even if the clock stands still or is set
 * back. Safe integers until the year 2248.
 *
 * @param clock milliseconds since 1970
 */
export function createSequence(clock: () => number): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Math.floor(clock()) * 1024));
}

/** A sequence number in the form of events: hexadecimal with a fixed width, so that strings sort like numbers. */
export function sequencer(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0');
}

/** A version id that looks random, like S3's, so that no one relies on its order. It contains the sequence number. */
export function newVersionId(sequence: number): string {
  const random = randomIdBytes(15).toString('base64url').replaceAll('-', '.');
  return `${random}${sequence.toString(36).padStart(DIGITS, '0')}`;
}

/** Id of a multipart upload, greater than all earlier ones. */
export function newUploadId(sequence: number): string {
  return `${sequence.toString(36).padStart(DIGITS, '0')}${randomIdBytes(15).toString('hex')}`;
}

/** The sequence number in a version id; undefined for the null version and for foreign ids. */
export function sequenceOfVersionId(versionId: string): number | undefined {
  const digits = versionId.slice(-DIGITS);
  return versionId.length > DIGITS && /^[0-9a-z]+$/.test(digits) ? parseInt(digits, 36) : undefined;
}
