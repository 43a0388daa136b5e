import { S3Error } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { S3Request } from './request.ts';

/*
 * A header that requests something unsupported must not be ignored, because the client would rely on it. So every
 * `x-amz-` header is either on this list or refused.
 */

const UNDERSTOOD = new Set([
  // Sent with every request, or read by the operations that support them.
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-copy-source-range',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-max-parts',
  'x-amz-metadata-directive',
  'x-amz-mp-object-size',
  'x-amz-object-attributes',
  'x-amz-part-number-marker',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-source-expected-bucket-owner',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-tagging-directive',
  'x-amz-trailer',
  'x-amz-user-agent',
]);
const UNDERSTOOD_BEGINNINGS = ['x-amz-meta-', 'x-amz-checksum-'];

/** Headers supported only with values that have no effect here. */
const HARMLESS_VALUES: Record<string, readonly string[]> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-server-side-encryption': ['AES256'],
};

/** @throws S3Error NotImplemented that names the header */
export function refuseUnknownHeaders(request: S3Request): void {
  for (const name of request.headers.keys()) {
    if (!name.startsWith('x-amz-') || UNDERSTOOD.has(name)) continue;
    if (UNDERSTOOD_BEGINNINGS.some((beginning) => name.startsWith(beginning))) continue;
    if (HARMLESS_VALUES[name]?.includes(request.header(name) ?? '')) continue;
    throw new S3Error('NotImplemented', {
      message: `This S3 does not implement the header ${name} as sent.`,
    });
  }
}

const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

/** @throws S3Error NotImplemented if a request has a condition that its operation does not evaluate */
export function refuseOtherConditions(request: S3Request, operation: Operation): void {
  for (const name of CONDITIONS) {
    if (request.header(name) !== undefined && !operation.conditions?.includes(name)) {
      throw new S3Error('NotImplemented', {
        message: `This S3 does not implement ${name} for ${operation.name}.`,
      });
    }
  }
}
