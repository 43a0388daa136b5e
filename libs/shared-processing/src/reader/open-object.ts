import type { StoredChecksum } from '../checksum/index.ts';
import { CallError, SystemFault } from '../errors/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import type { EventLog } from '../observability/index.ts';
import type { ObjectRequest, ObjectStore, ReceivedObject } from '../s3/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { ReadError, readFailureOf } from './read-error.ts';
import { type VerifiedBy, verifiedBody, verifiedBy } from './verify-body.ts';

export interface ReaderDependencies extends RetryRules {
  store: ObjectStore;
  log?: Pick<EventLog, 'warn'>;
}

export interface OpenedObject {
  /** Bytes of the object. */
  size: number;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
  verifiedBy: VerifiedBy;
  /**
   * The bytes, all of them and as S3 stored them, or a ReadError at the latest after the last. To be iterated once; a chunk is
   * the taker's until it asks for the next.
   */
  body: AsyncIterable<Uint8Array>;
  /** Gives up a body that is not iterated, so that its connection is not held. */
  close(): void;
}

/** Times that a broken body is taken up again where it broke. */
const MAX_RESUMES = 3;

/** An object whose bytes nobody compares yet. */
export interface UnverifiedObject extends Omit<OpenedObject, 'verifiedBy'> {
  checksum: StoredChecksum | undefined;
}

/**
 * Opens the notified version of an object, and no other: by its version id, or by its ETag where the bucket keeps no
 * versions. A body that breaks is taken up where it broke by a ranged GET of the same version.
 *
 * @throws ReadError, also from the body
 * @throws SystemFault if the bucket is missing or the credentials are wrong
 */
export async function openObject(
  object: ObjectVersion,
  dependencies: ReaderDependencies,
): Promise<OpenedObject> {
  const { checksum, body, ...opened } = await openUnverified(object, dependencies);
  return {
    ...opened,
    verifiedBy: verifiedBy(checksum),
    body: checksum ? verifiedBody(body, checksum, objectPath(object), dependencies.log) : body,
  };
}

/** As `openObject`, but its taker compares the bytes. */
export async function openUnverified(
  object: ObjectVersion,
  dependencies: ReaderDependencies,
): Promise<UnverifiedObject> {
  const received = await get(object, 0, dependencies);
  const { size, lastModified, checksum } = received;
  const body = resumingBody(object, received, dependencies);
  return { size, lastModified, checksum, body, close: () => received.body.destroy() };
}

async function* resumingBody(
  object: ObjectVersion,
  first: ReceivedObject,
  dependencies: ReaderDependencies,
): AsyncGenerator<Uint8Array, void, void> {
  const { signal } = dependencies;
  let part = first;
  let position = 0;
  const stop = () => part.body.destroy();
  signal?.addEventListener('abort', stop);
  try {
    for (let resumes = 0; ; resumes++) {
      let broken: unknown;
      try {
        for await (const chunk of part.body) {
          position += chunk.length;
          if (position > first.size) break;
          yield chunk;
        }
      } catch (error) {
        broken = error;
      }
      if (position === first.size && !broken) return;
      const where = `${objectPath(object)} broke off at byte ${position} of ${first.size}`;
      if (position > first.size) throw new ReadError('unavailable', `${where}: more than there should be`);
      if (resumes === MAX_RESUMES || signal?.aborted)
        throw new ReadError('unavailable', where, { cause: broken });
      part = await get(object, position, dependencies);
      if (part.size !== first.size) {
        throw new ReadError('unavailable', `${where}, and went on as an object of ${part.size} bytes`);
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    part.body.destroy();
  }
}

async function get(
  object: ObjectVersion,
  from: number,
  dependencies: ReaderDependencies,
): Promise<ReceivedObject> {
  const { store, signal } = dependencies;
  try {
    return await withRetries(() => store.get(requestFor(object, from), signal), dependencies);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.class === 'system') {
      throw new SystemFault(`${object.bucket} cannot be read`, { cause: error });
    }
    throw new ReadError(readFailureOf(error), `${objectPath(object)} cannot be read: ${error.code}`, {
      cause: error,
    });
  }
}

function requestFor({ bucket, key, version }: ObjectVersion, from: number): ObjectRequest {
  const pin = version.kind === 'id' ? { versionId: version.versionId } : { ifMatch: version.etag };
  return { bucket, key, from, ...pin };
}

/** An object in messages: bucket and key. */
export function objectPath({ bucket, key }: ObjectVersion): string {
  return `${bucket}/${key}`;
}
