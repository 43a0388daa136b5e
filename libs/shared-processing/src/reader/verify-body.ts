import { type ChecksumAlgorithm, startChecksum, type StoredChecksum } from '../checksum/index.ts';
import type { EventLog } from '../observability/index.ts';
import { ReadError } from './read-error.ts';

/** What an object's bytes were verified by: S3's checksum, the ETag, or nothing, because S3 has neither for the whole object. */
export type VerifiedBy = Exclude<ChecksumAlgorithm, 'md5'> | 'etag-md5' | 'none';

export function verifiedBy(checksum: StoredChecksum | undefined): VerifiedBy {
  if (checksum === undefined) return 'none';
  return checksum.algorithm === 'md5' ? 'etag-md5' : checksum.algorithm;
}

/** The message for a body that does not match its checksum. */
export function describeMismatch(where: string, stored: StoredChecksum, actual: string): string {
  return `${where} arrived corrupted: its ${verifiedBy(stored)} is ${actual} instead of ${stored.hex}`;
}

/**
 * Passes on the chunks of a body, and throws after the last if they do not match S3's checksum. So the caller must not use
 * any of them before the end.
 *
 * @param where bucket and key, for messages
 * @param log receives a warning about a corrupted body
 * @throws ReadError with failure `corrupted`, and whatever the body throws
 */
export async function* verifiedBody(
  body: AsyncIterable<Uint8Array>,
  stored: StoredChecksum,
  where: string,
  log?: Pick<EventLog, 'warn'>,
): AsyncGenerator<Uint8Array, void, void> {
  const checksum = await startChecksum(stored.algorithm);
  for await (const chunk of body) {
    checksum.update(chunk);
    yield chunk;
  }
  const actual = checksum.hex();
  if (actual === stored.hex) return;
  const detail = describeMismatch(where, stored, actual);
  log?.warn('read.corrupted', { detail, reads: 1 });
  throw new ReadError('corrupted', detail);
}
