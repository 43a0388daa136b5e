import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { StoredChecksum } from '../checksum/index.ts';
import type { MultipartStore, ObjectRequest, ObjectStore, Upload } from '../s3/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { memoryMultipart, refusal } from './memory-multipart.ts';

/** A version in memory. A version without content is a delete marker. */
export interface MemoryVersion {
  versionId: string;
  etag: string;
  content: Buffer | undefined;
  metadata: Record<string, string>;
  lastModified: number;
}

/** Versioned buckets in memory that respond like S3. */
export interface MemoryStore extends ObjectStore {
  /** Uploads in parts to the same buckets. */
  multipart: MultipartStore;
  /** Uploads that were neither completed nor aborted. */
  uploads(): Upload[];
  /** Versions of a key, oldest first. */
  versions(bucket: string, key: string): readonly MemoryVersion[];
  /** Keys of a bucket that have versions, including delete markers. */
  keys(bucket: string): string[];
  /** Stores a version without conditions, like an uploader. */
  upload(bucket: string, key: string, content: Uint8Array): MemoryVersion;
  /** Adds a delete marker, like the consumer. */
  addDeleteMarker(bucket: string, key: string): void;
  /** Removes a version permanently, like a lifecycle rule. */
  remove(bucket: string, key: string, versionId: string): void;
}

/**
 * @param now ms since the epoch, for Last-Modified
 * @param onStored gets each new version, delete markers included, like a notification or a replication rule
 */
export function memoryStore(
  now: () => number,
  onStored: (bucket: string, key: string, version: MemoryVersion) => void = () => undefined,
): MemoryStore {
  const buckets = new Map<string, Map<string, MemoryVersion[]>>();
  let count = 0;

  const all = (bucket: string, key: string): MemoryVersion[] => buckets.get(bucket)?.get(key) ?? [];
  const add = (bucket: string, key: string, content: Buffer | undefined, metadata = {}): MemoryVersion => {
    const keys = buckets.get(bucket) ?? new Map<string, MemoryVersion[]>();
    buckets.set(bucket, keys);
    const etag = content ? md5(content) : '';
    const lastModified = Math.floor(now() / 1000) * 1000;
    const version = { versionId: `v${++count}`, etag, content, metadata, lastModified };
    keys.set(key, [...all(bucket, key), version]);
    onStored(bucket, key, version);
    return version;
  };

  const { uploads, ...multipart } = memoryMultipart({
    current: (bucket, key) => all(bucket, key).at(-1)?.content,
    find: (request) => find(all(request.bucket, request.key), request).content,
    add,
  });

  return {
    multipart,
    uploads,
    versions: all,
    keys: (bucket) => [...(buckets.get(bucket)?.keys() ?? [])],
    upload: (bucket, key, content) => add(bucket, key, Buffer.from(content)),
    addDeleteMarker: (bucket, key) => void add(bucket, key, undefined),
    remove(bucket, key, versionId) {
      buckets.get(bucket)?.set(
        key,
        all(bucket, key).filter((version) => version.versionId !== versionId),
      );
    },

    async get(request) {
      const { content, lastModified, etag } = find(all(request.bucket, request.key), request);
      const { from = 0 } = request;
      const checksum: StoredChecksum | undefined = from > 0 ? undefined : { algorithm: 'md5', hex: etag };
      return { size: content.length, lastModified, checksum, body: bodyOf(content.subarray(from)) };
    },

    async put(object) {
      const what = `PUT ${object.bucket}/${object.key}`;
      const content = await bytesOf(object.open());
      const sha256 = createHash('sha256').update(content).digest('hex');
      if (sha256 !== object.sha256 || content.length !== object.size) throw refusal(what, 400, 'BadDigest');
      if (object.onlyIfAbsent && all(object.bucket, object.key).at(-1)?.content) {
        throw refusal(what, 412, 'PreconditionFailed');
      }
      add(object.bucket, object.key, content, object.metadata);
    },

    async head(bucket, key) {
      const latest = all(bucket, key).at(-1);
      if (!latest) return { kind: 'absent' };
      return latest.content ? { kind: 'present', metadata: latest.metadata } : { kind: 'deleted' };
    },
  };
}

/** @throws CallError, like S3 */
function find(
  versions: readonly MemoryVersion[],
  request: ObjectRequest,
): MemoryVersion & { content: Buffer } {
  const what = `GET ${request.bucket}/${request.key}`;
  const version = request.versionId
    ? versions.find(({ versionId }) => versionId === request.versionId)
    : versions.at(-1);
  if (!version) throw refusal(what, 404, request.versionId ? 'NoSuchVersion' : 'NoSuchKey');
  if (!version.content)
    throw request.versionId ? refusal(what, 405, 'MethodNotAllowed') : refusal(what, 404, 'NoSuchKey');
  if (request.ifMatch && version.etag !== request.ifMatch) throw refusal(what, 412, 'PreconditionFailed');
  return version as MemoryVersion & { content: Buffer };
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

function bodyOf(content: Buffer) {
  async function* chunks() {
    if (content.length > 0) yield content;
  }
  return Object.assign(chunks(), { destroy: () => undefined });
}

async function bytesOf(opened: Readable | Uint8Array): Promise<Buffer> {
  if (opened instanceof Uint8Array) return Buffer.from(opened);
  const chunks: Buffer[] = [];
  for await (const chunk of opened) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An object version in the bucket `landing`. */
export function landedVersion(key: string, versionId = 'v1'): ObjectVersion {
  return { bucket: 'landing', key, version: { kind: 'id', versionId } };
}
