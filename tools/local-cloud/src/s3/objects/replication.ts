import { setImmediate as nextTurn } from 'node:timers/promises';
import { findBucket } from '../buckets/buckets.ts';
import { tellOf } from './changes.ts';
import { S3Error } from '../errors.ts';
import type { StorageClass } from '../model.ts';
import type { Service } from '../operation.ts';
import { newRequestIds } from '../http/request.ts';
import { findVersion, insertVersion, replaceVersion } from './versions.ts';

/** A version to be replicated into another bucket. */
export interface Replication {
  bucket: string;
  key: string;
  versionId: string;
  /** Name of the destination, which must have versions. */
  to: string;
  /** Of the replica; by default that of the original. */
  storageClass?: StorageClass | undefined;
}

/**
 * Creates a replica with the same version id, time, metadata and stored bytes in another bucket, once. Replicas are not replicated
 * again, as in S3. The destination emits `ObjectCreated:Put`.
 *
 * @throws S3Error NoSuchBucket; NoSuchVersion if the version was deleted meanwhile; InvalidRequest if the destination
 *   has no versions
 */
export async function replicate(
  service: Service,
  { bucket, key, versionId, to, storageClass }: Replication,
): Promise<void> {
  await nextTurn(); // A replica appears after its original, never together with it.
  const source = findBucket(service.buckets, bucket);
  const destination = findBucket(service.buckets, to);
  if (destination.versioning !== 'Enabled') {
    throw new S3Error('InvalidRequest', { message: `The destination ${to} must have versioning enabled.` });
  }
  const original = findVersion(source, key, versionId);
  if (original?.kind !== 'object')
    throw new S3Error('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  if (original.replication === 'REPLICA') return;
  if (findVersion(destination, key, versionId) !== undefined) return;
  const blob = service.blobs.share(original.blob);
  insertVersion(destination, {
    ...original,
    blob,
    storageClass: storageClass ?? original.storageClass,
    restore: undefined,
    replication: 'REPLICA',
  });
  const current = findVersion(source, key, versionId);
  if (current?.kind === 'object') replaceVersion(source, current, { ...current, replication: 'COMPLETED' });
  const { sequence, etag } = original;
  const change = { key, versionId, sequence, size: blob.size, etag: etag.slice(1, -1) };
  const cause = { accessKeyId: undefined, sourceIp: '127.0.0.1', ...newRequestIds() };
  tellOf(service, destination, { ...change, name: 'ObjectCreated:Put' }, cause);
}
