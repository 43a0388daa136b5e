import { checkReadable } from './archive.ts';
import { findBucket } from '../buckets/buckets.ts';
import { checkReadConditions } from './conditions.ts';
import { percentDecode } from '../http/address.ts';
import { S3Error } from '../errors.ts';
import { findObject } from './lookup.ts';
import type { Bucket, ObjectVersion } from '../model.ts';
import type { ObjectCall } from '../operation.ts';
import type { ByteRange } from '../http/range.ts';
import { findVersion } from './versions.ts';

/** Maximum size for CopyObject and for one UploadPartCopy, in bytes. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

export interface CopySource {
  bucket: Bucket;
  object: ObjectVersion;
  /** The version id in the request, if any. */
  versionId: string | undefined;
}

/**
 * The object version named by `x-amz-copy-source`. The caller must be allowed to read it, and the
 * `x-amz-copy-source-if-…` conditions must hold.
 *
 * @throws S3Error like a GET of the source; PreconditionFailed, InvalidArgument, InvalidRequest
 * @see "UploadPartCopy" and "CopyObject" in the Amazon S3 API Reference
 */
export function findCopySource(call: ObjectCall): CopySource {
  const { request, service } = call;
  const { name, key, versionId } = parseSource(request.header('x-amz-copy-source') ?? '');
  const bucket = findBucket(service.buckets, name);
  const owner = request.header('x-amz-source-expected-bucket-owner');
  if (owner !== undefined && owner !== service.accountId) throw new S3Error('AccessDenied');
  call.demand(versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', {
    bucket: name,
    key,
    versionId,
  });
  if (versionId !== undefined && findVersion(bucket, key, versionId)?.kind === 'delete-marker') {
    const message =
      'The source of a copy request may not specifically refer to a delete marker by version id.';
    throw new S3Error('InvalidRequest', { message });
  }
  const object = findObject(call, bucket, key, versionId);
  checkReadable(object, service.clock());
  const conditions = (header: string) => request.header(`x-amz-copy-source-${header}`);
  checkReadConditions(conditions, object, 'PreconditionFailed');
  return { bucket, object, versionId };
}

/** @throws S3Error InvalidRequest */
export function checkCopySize(bytes: number): void {
  if (bytes <= MAX_COPY_BYTES) return;
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`;
  throw new S3Error('InvalidRequest', { message });
}

/**
 * The range in `x-amz-copy-source-range`: `bytes=first-last`, both within the source. Unlike in a Range header, both
 * are required. Sources of up to `minBytes` cannot be copied by range.
 *
 * @throws S3Error InvalidArgument, InvalidRequest
 * @see "UploadPartCopy" in the Amazon S3 API Reference
 */
export function parseCopyRange(header: string | undefined, size: number, minBytes: number): ByteRange {
  if (header === undefined) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) + 1 };
  if (first === undefined || last === undefined || range.start >= range.end) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy';
    throw new S3Error('InvalidArgument', { message, details: argument(header) });
  }
  if (range.end > size) {
    const message = `Range specified is not valid for source object of size: ${size}`;
    throw new S3Error('InvalidArgument', { message, details: argument(header) });
  }
  if (size <= minBytes) {
    const message = 'The specified copy source is not supported as a byte-range copy source';
    throw new S3Error('InvalidRequest', { message });
  }
  return range;
}

/** `x-amz-copy-source-version-id`, if the source's bucket has versions. */
export function copySourceHeader({ bucket, object }: CopySource): Record<string, string> {
  return bucket.versioning === 'Unversioned' ? {} : { 'x-amz-copy-source-version-id': object.versionId };
}

function argument(value: string): Record<string, string> {
  return { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: value };
}

/** `[/]bucket/key[?versionId=id]`, percent-encoded completely or not at all. */
function parseSource(header: string): { name: string; key: string; versionId: string | undefined } {
  const [path = '', versionId] = header.split('?versionId=');
  const [, name, key] = /^\/?([^/]+)\/(.+)$/s.exec(percentDecode(path)) ?? [];
  if (name === undefined || key === undefined) {
    throw new S3Error('InvalidArgument', { message: 'Copy Source must mention the source bucket and key.' });
  }
  return { name, key, versionId: versionId === undefined ? undefined : percentDecode(versionId) };
}
