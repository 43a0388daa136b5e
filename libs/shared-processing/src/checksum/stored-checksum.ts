import type { ChecksumAlgorithm } from './checksum.ts';

/** A checksum that S3 stores for a whole object. */
export interface StoredChecksum {
  /** `md5`: S3 stores no checksum of the whole object, but the ETag is an MD5. */
  algorithm: ChecksumAlgorithm;
  /** Lower-case hex. */
  hex: string;
}

/** Algorithms of stored checksums, cheapest first. An object has one; if it had more, the first would be used. */
const STORED: readonly ChecksumAlgorithm[] = ['crc32', 'crc32c', 'sha1', 'sha256', 'crc64nvme'];

/** Server-side encryption for which an ETag is an MD5. Objects older than default encryption have none. */
const MD5_ENCRYPTION = new Set([undefined, 'AES256']);

/**
 * The checksum by which the body of a whole GET can be verified, from the response headers. Undefined if there is none,
 * because the object was uploaded in parts and S3 stores no checksum of the whole.
 *
 * - `x-amz-checksum-*` is of all bytes unless its type is COMPOSITE: then it is a checksum of the parts' checksums, followed
 *   by `-` and the number of parts. Source: "Checking object integrity in Amazon S3", Amazon S3 User Guide.
 * - The ETag is the MD5 of the bytes if the object was created by PutObject, PostObject or CopyObject and is not encrypted
 *   or encrypted with SSE-S3; with SSE-KMS or SSE-C, or after a multipart upload or UploadPartCopy, it is not. Source:
 *   "Object", Amazon S3 API Reference. In directory buckets it is never an MD5. Source: "PutObject", Amazon S3 API Reference.
 *
 * @param header returns a response header by its lower-case name
 */
export function storedChecksum(header: (name: string) => string | undefined): StoredChecksum | undefined {
  if (header('x-amz-checksum-type')?.toUpperCase() !== 'COMPOSITE') {
    for (const algorithm of STORED) {
      const value = header(`x-amz-checksum-${algorithm}`);
      // S3 sent composite checksums before it sent their type; they contain a `-`, which base64 does not.
      if (value === undefined || value.includes('-')) continue;
      return { algorithm, hex: Buffer.from(value, 'base64').toString('hex') };
    }
  }
  const md5 = /^"([0-9a-f]{32})"$/.exec(header('etag') ?? '')?.[1];
  const isMd5 =
    MD5_ENCRYPTION.has(header('x-amz-server-side-encryption')) &&
    header('x-amz-server-side-encryption-customer-algorithm') === undefined &&
    header('x-amz-storage-class') !== 'EXPRESS_ONEZONE';
  return md5 !== undefined && isMd5 ? { algorithm: 'md5', hex: md5 } : undefined;
}
