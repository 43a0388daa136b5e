import { accessDenied } from '../access.ts';
import { S3Error } from '../errors.ts';
import type { Bucket, ObjectVersion } from '../model.ts';
import type { Call } from '../operation.ts';
import { findVersion, latestVersion } from './versions.ts';

/**
 * The object version of a request: the one named, or else the latest.
 *
 * Only callers who may list the bucket learn that an object is missing. Others are denied, because a 404 would tell
 * them what they may not know. The check has no `s3:prefix`, so a permission to list only below a prefix does not
 * suffice.
 *
 * @throws S3Error NoSuchKey, NoSuchVersion, AccessDenied, or MethodNotAllowed for a delete marker requested by id
 */
export function findObject(
  call: Call,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): ObjectVersion {
  const version = versionId === undefined ? latestVersion(bucket, key) : findVersion(bucket, key, versionId);
  if (version?.kind === 'object') return version;
  if (version !== undefined && versionId !== undefined) {
    throw new S3Error('MethodNotAllowed', {
      headers: {
        'x-amz-delete-marker': 'true',
        'x-amz-version-id': version.versionId,
        'last-modified': new Date(version.lastModified).toUTCString(),
        allow: 'DELETE',
      },
    });
  }
  if (!call.may('s3:ListBucket', { bucket: bucket.name })) throw accessDenied(call.request, 's3:ListBucket');
  if (versionId !== undefined) {
    throw new S3Error('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  }
  const marker =
    version === undefined ? {} : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  throw new S3Error('NoSuchKey', { details: { Key: key }, headers: marker });
}
