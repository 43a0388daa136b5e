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
   * All bytes as S3 stored them; otherwise a ReadError, at the latest after the last byte. Iterate it once. A chunk is valid
   * until the next one is requested.
   */
  body: AsyncIterable<Uint8Array>;
  /** Releases the connection of a body that is not iterated. */
  close(): void;
}

/** How often a body is resumed that breaks off before it has made progress. */
const MAX_RESUMES = 3;
/**
 * Bytes that count as progress. A body that is read for minutes breaks off several times: S3 closes connections, and a slow upload of
 * parts keeps the socket idle until it times out.
 */
const PROGRESS_BYTES = 16 * 1024 ** 2;

/** An object whose bytes the caller must verify. */
export interface UnverifiedObject extends Omit<OpenedObject, 'verifiedBy'> {
  checksum: StoredChecksum | undefined;
}

/**
 * Opens exactly the notified version of an object: by its version id, or by its ETag if the bucket keeps no versions. If the
 * body breaks, a ranged GET of the same version resumes it.
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

/** Like `openObject`, but the caller verifies the bytes. */
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
  let progressFrom = 0;
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
      if (position - progressFrom >= PROGRESS_BYTES) {
        progressFrom = position;
        resumes = 0;
      }
      const where = `${objectPath(object)} broke off at byte ${position} of ${first.size}`;
      if (position > first.size) throw new ReadError('unavailable', `${where}: too many bytes`);
      if (resumes === MAX_RESUMES || signal?.aborted)
        throw new ReadError('unavailable', where, { cause: broken });
      part = await get(object, position, dependencies);
      if (part.size !== first.size) {
        throw new ReadError('unavailable', `${where}, and resumed as an object of ${part.size} bytes`);
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

/** Bucket and key, for messages. */
export function objectPath({ bucket, key }: ObjectVersion): string {
  return `${bucket}/${key}`;
}
