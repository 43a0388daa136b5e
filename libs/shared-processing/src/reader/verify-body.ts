import { type ChecksumAlgorithm, startChecksum, type StoredChecksum } from '../checksum/index.ts';
import type { EventLog } from '../observability/index.ts';
import { ReadError } from './read-error.ts';

/** What an object's bytes were compared with: S3's checksum, its ETag, or nothing because S3 has neither of the whole. */
export type VerifiedBy = Exclude<ChecksumAlgorithm, 'md5'> | 'etag-md5' | 'none';

export function verifiedBy(checksum: StoredChecksum | undefined): VerifiedBy {
  if (checksum === undefined) return 'none';
  return checksum.algorithm === 'md5' ? 'etag-md5' : checksum.algorithm;
}

/** What is known of a body that is not what S3 has a checksum of. */
export function describeMismatch(where: string, stored: StoredChecksum, actual: string): string {
  return `${where} arrived corrupted: its ${verifiedBy(stored)} is ${actual} instead of ${stored.hex}`;
}

/**
 * The chunks of a body, followed by an error if they are not what S3 has a checksum of. The taker has then had all of them, so
 * it must not use any before the end.
 *
 * @param where bucket and key, for messages
 * @param log told of a corrupted body
 * @throws ReadError `corrupted`, and what the body throws
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
