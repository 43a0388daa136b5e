import {
  algorithmOfHeader,
  checkChecksumShape,
  type ChecksumAlgorithm,
  checksumHeader,
} from '../objects/checksums.ts';
import { S3Error } from '../errors.ts';
import type { S3Request } from './request.ts';

/** What a request declares about its body. */
export interface BodyDeclaration {
  /** Whether it is encoded as `aws-chunked`. */
  chunked: boolean;
  /** Bytes, after decoding. */
  length: number;
  md5: Buffer | undefined;
  /** Hex. */
  sha256: string | undefined;
}

export interface DeclaredChecksum {
  algorithm: ChecksumAlgorithm;
  /** Undefined if it follows in a trailer. */
  value: string | undefined;
}

/** Maximum size of an object uploaded at once, and of a part: 5 GiB. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** @throws S3Error MissingContentLength, InvalidArgument, InvalidDigest, EntityTooLarge */
export function parseBodyDeclaration(request: S3Request): BodyDeclaration {
  const contentSha256 = request.header('x-amz-content-sha256') ?? '';
  const chunked = contentSha256.startsWith('STREAMING-');
  return {
    chunked,
    length: declaredLength(request, chunked),
    md5: declaredMd5(request),
    // Otherwise it declares an unsigned payload.
    sha256: /^[0-9a-f]{64}$/.test(contentSha256) ? contentSha256 : undefined,
  };
}

function declaredLength(request: S3Request, chunked: boolean): number {
  const text = request.header(chunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined) throw new S3Error('MissingContentLength');
  if (!/^\d{1,15}$/.test(text)) {
    throw new S3Error('InvalidArgument', { message: 'The length of the body is not a number.' });
  }
  const length = Number(text);
  if (length > MAX_PUT_BYTES) {
    const details = { ProposedSize: text, MaxSizeAllowed: String(MAX_PUT_BYTES) };
    throw new S3Error('EntityTooLarge', { details });
  }
  return length;
}

function declaredMd5(request: S3Request): Buffer | undefined {
  const text = request.header('content-md5');
  if (text === undefined) return undefined;
  const md5 = Buffer.from(text, 'base64');
  if (md5.length !== 16) throw new S3Error('InvalidDigest');
  return md5;
}

/** @throws S3Error InvalidRequest if it is malformed or there is more than one */
export function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const trailer = request.header('x-amz-trailer');
  const named = [...request.headers.keys(), ...(trailer === undefined ? [] : trailer.split(','))];
  const algorithms = named.flatMap((name) => algorithmOfHeader(name.trim().toLowerCase()) ?? []);
  const [algorithm, another] = algorithms;
  if (another !== undefined) {
    throw new S3Error('InvalidRequest', { message: 'Expecting a single x-amz-checksum- header.' });
  }
  if (algorithm === undefined) {
    if (request.header('x-amz-sdk-checksum-algorithm') === undefined) return undefined;
    const message =
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.';
    throw new S3Error('InvalidRequest', { message });
  }
  const value = request.header(checksumHeader(algorithm));
  if (value !== undefined) checkChecksumShape(algorithm, value);
  return { algorithm, value };
}
