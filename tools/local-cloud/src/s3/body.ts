import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  algorithmOfHeader,
  type Checksum,
  checkChecksumShape,
  type ChecksumAlgorithm,
  checksumHeader,
  startChecksum,
} from './checksums.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/** What was computed while a body went by. */
export interface Digests {
  /** Bytes. */
  size: number;
  md5: Buffer;
  checksum: Checksum | undefined;
  /** Hex; only where it was asked for. */
  sha256: string | undefined;
}

/** A body on its way, and what was computed of it once it has gone by whole. */
export interface Passage {
  chunks: AsyncIterable<Buffer>;
  /** The checksum that is computed. */
  checksum: ChecksumAlgorithm | undefined;
  digests(): Digests;
}

/** Longest body of an operation that reads a document, in bytes: a thousand keys of the greatest length, escaped. */
const LONGEST_DOCUMENT = 8 * 1024 * 1024;

/**
 * The body of a request as it was before `aws-chunked`, verified while it is read: its length, Content-MD5,
 * x-amz-content-sha256 and the checksum in a header or a trailer. Reading throws at the end where one does not match.
 *
 * @param checksumIsOf of what the checksum header speaks: of this body, or of an object put together elsewhere
 * @throws S3Error where what the request announces of its body is malformed
 */
export function openBody(request: S3Request, checksumIsOf: 'body' | 'object' = 'body'): Passage {
  const source = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const trailers = new Map<string, string>();
  const chunked = (request.header('x-amz-content-sha256') ?? '').startsWith('STREAMING-');
  const expected = checksumIsOf === 'body' ? announcedChecksum(request) : undefined;
  const length = announcedLength(request, chunked);
  const md5 = announcedMd5(request);
  const sha256 = announcedSha256(request);
  const passage = measured(chunked ? decodeAwsChunked(source, trailers) : source, {
    checksum: expected?.algorithm,
    sha256: sha256 !== undefined,
  });

  async function* verified(): AsyncGenerator<Buffer> {
    yield* passage.chunks;
    const found = passage.digests();
    if (found.size !== length) throw new S3Error('IncompleteBody');
    if (md5 !== undefined && !md5.equals(found.md5)) {
      throw new S3Error('BadDigest', {
        message: 'The Content-MD5 you specified did not match what we received.',
      });
    }
    if (sha256 !== undefined && found.sha256 !== sha256) throw new S3Error('XAmzContentSHA256Mismatch');
    if (expected === undefined || found.checksum === undefined) return;
    const value = expected.value ?? trailers.get(checksumHeader(expected.algorithm));
    if (value === undefined) throw new S3Error('MalformedTrailerError');
    checkChecksumShape(expected.algorithm, value);
    if (found.checksum.value !== value) {
      const message = `The ${expected.algorithm} you specified did not match the calculated checksum.`;
      throw new S3Error('BadDigest', { message });
    }
  }

  return { ...passage, chunks: verified() };
}

/** Computes size, MD5 and, on demand, a checksum of what goes by. */
export function measured(
  source: AsyncIterable<Buffer>,
  demand: { checksum: ChecksumAlgorithm | undefined; sha256?: boolean },
): Passage {
  const md5 = createHash('md5');
  const sha256 = demand.sha256 === true ? createHash('sha256') : undefined;
  const checksum = demand.checksum === undefined ? undefined : startChecksum(demand.checksum);
  let size = 0;
  let done: Digests | undefined;

  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      size += chunk.length;
      md5.update(chunk);
      sha256?.update(chunk);
      checksum?.update(chunk);
      yield chunk;
    }
    done = {
      size,
      md5: md5.digest(),
      sha256: sha256?.digest('hex'),
      checksum:
        demand.checksum === undefined || checksum === undefined
          ? undefined
          : { algorithm: demand.checksum, type: 'FULL_OBJECT', value: checksum.digest().toString('base64') },
    };
  }

  return {
    chunks: chunks(),
    checksum: demand.checksum,
    digests() {
      if (done === undefined) throw new Error('The digests were asked for before the body had gone by.');
      return done;
    },
  };
}

/** Reads a request document. */
export async function readDocument(passage: Passage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of passage.chunks) {
    size += chunk.length;
    if (size > LONGEST_DOCUMENT) throw new S3Error('MalformedXML');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function announcedLength(request: S3Request, chunked: boolean): number {
  const text = request.header(chunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined) throw new S3Error('MissingContentLength');
  if (!/^\d{1,15}$/.test(text))
    throw new S3Error('InvalidArgument', { message: 'The length of the body is no number.' });
  return Number(text);
}

function announcedMd5(request: S3Request): Buffer | undefined {
  const text = request.header('content-md5');
  if (text === undefined) return undefined;
  const md5 = Buffer.from(text, 'base64');
  if (md5.length !== 16) throw new S3Error('InvalidDigest');
  return md5;
}

function announcedSha256(request: S3Request): string | undefined {
  const text = request.header('x-amz-content-sha256');
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** The algorithm, and the value where it is not to come in a trailer. */
function announcedChecksum(
  request: S3Request,
): { algorithm: ChecksumAlgorithm; value: string | undefined } | undefined {
  const trailer = request.header('x-amz-trailer');
  const named = [...Object.keys(request.raw.headers), ...(trailer === undefined ? [] : trailer.split(','))];
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
