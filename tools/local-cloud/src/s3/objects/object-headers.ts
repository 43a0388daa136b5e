import { restoreHeader } from './archive.ts';
import { checksumHeader } from './checksums.ts';
import type { Bucket, ObjectVersion } from '../model.ts';

/** The response headers that describe an object, except its length. */
export function objectHeaders(object: ObjectVersion, bucket: Bucket, now: number): Record<string, string> {
  const restore = restoreHeader(object, now);
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    ...object.headers,
    ...Object.fromEntries(metadata),
    'accept-ranges': 'bytes',
    etag: object.etag,
    'last-modified': new Date(object.lastModified).toUTCString(),
    ...versionHeader(object, bucket),
    ...(object.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': object.storageClass }),
    ...(object.tags.size === 0 ? {} : { 'x-amz-tagging-count': String(object.tags.size) }),
    ...(object.replication === undefined ? {} : { 'x-amz-replication-status': object.replication }),
    ...(restore === undefined ? {} : { 'x-amz-restore': restore }),
  };
}

/** `x-amz-version-id`; not sent if the bucket never had versions. */
export function versionHeader(version: { versionId: string }, bucket: Bucket): Record<string, string> {
  return bucket.versioning === 'Unversioned' ? {} : { 'x-amz-version-id': version.versionId };
}

/** The stored checksum of an object, if any. */
export function checksumHeaders({ checksum }: Pick<ObjectVersion, 'checksum'>): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
