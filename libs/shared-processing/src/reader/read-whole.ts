import { checksumOf, type StoredChecksum } from '../checksum/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { objectPath, openUnverified, type ReaderDependencies } from './open-object.ts';
import { ReadError } from './read-error.ts';
import { describeMismatch, type VerifiedBy, verifiedBy } from './verify-body.ts';

/** The whole object, or nothing of it if it is larger than the memory. */
export type WholeObject =
  | { kind: 'read'; content: Uint8Array; size: number; lastModified: number; verifiedBy: VerifiedBy }
  | { kind: 'larger'; size: number };

/** How often an object is read if its bytes arrive corrupted. */
const MAX_READS = 3;

/**
 * Reads an object version into existing memory, and verifies it by S3's checksum, or by the ETag if it is an MD5. Corrupted
 * bytes are read again immediately.
 *
 * @param memory must hold the object; the content is a part of it
 * @throws ReadError if not every byte arrives; with failure `corrupted` if the bytes were wrong each time
 */
export async function readWhole(
  object: ObjectVersion,
  memory: Uint8Array,
  dependencies: ReaderDependencies,
): Promise<WholeObject> {
  for (let reads = 1; ; reads++) {
    const { size, lastModified, checksum, body, close } = await openUnverified(object, dependencies);
    if (size > memory.length) {
      close();
      return { kind: 'larger', size };
    }
    let length = 0;
    for await (const chunk of body) {
      memory.set(chunk, length);
      length += chunk.length;
    }
    const content = memory.subarray(0, size);
    const corruption = checksum && (await corruptionOf(object, content, checksum));
    if (corruption === undefined) {
      return { kind: 'read', content, size, lastModified, verifiedBy: verifiedBy(checksum) };
    }
    dependencies.log?.warn('read.corrupted', { detail: corruption, reads });
    if (reads === MAX_READS) throw new ReadError('corrupted', `${corruption}, ${reads} times in a row`);
    if (dependencies.signal?.aborted) throw new ReadError('unavailable', corruption);
  }
}

async function corruptionOf(
  object: ObjectVersion,
  content: Uint8Array,
  stored: StoredChecksum,
): Promise<string | undefined> {
  const actual = await checksumOf(stored.algorithm, content);
  return actual === stored.hex ? undefined : describeMismatch(objectPath(object), stored, actual);
}
