import { S3Error } from '../errors.ts';
import { type ObjectDescription, type StorageClass, storageClasses } from '../model.ts';
import type { S3Request } from '../http/request.ts';
import { parseTagging } from './tags.ts';

const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'expires'];
const META = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;

/**
 * Reads the metadata of the object that a request creates.
 *
 * @throws S3Error InvalidStorageClass, MetadataTooLarge, InvalidTag
 */
export function parseDescription(request: S3Request): ObjectDescription {
  return {
    headers: keptHeaders(request),
    metadata: userMetadata(request),
    storageClass: parseStorageClass(request.header('x-amz-storage-class')),
    tags: parseTagging(request.header('x-amz-tagging')),
  };
}

function keptHeaders(request: S3Request): Record<string, string> {
  const kept: Record<string, string> = {
    'content-type': request.header('content-type') ?? 'binary/octet-stream',
  };
  for (const name of KEPT_HEADERS) {
    const value = request.header(name);
    if (value !== undefined) kept[name] = value;
  }
  // aws-chunked encodes the transfer, not the object.
  const codings = (request.header('content-encoding') ?? '').split(',').map((coding) => coding.trim());
  const encoding = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(',');
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
}

function userMetadata(request: S3Request): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [header, value] of request.headers) {
    if (!header.startsWith(META)) continue;
    const name = header.slice(META.length);
    metadata[name] = value;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes > MAX_METADATA_BYTES) throw new S3Error('MetadataTooLarge');
  return metadata;
}

function parseStorageClass(header: string | undefined): StorageClass {
  const storageClass = storageClasses.find((name) => name === (header ?? 'STANDARD'));
  if (storageClass === undefined) throw new S3Error('InvalidStorageClass');
  return storageClass;
}
