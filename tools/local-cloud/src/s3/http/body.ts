import { createHash, hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.ts';
import { declaredChecksum, parseBodyDeclaration } from './body-declaration.ts';
import {
  type Checksum,
  checkChecksumShape,
  type ChecksumAlgorithm,
  checksumHeader,
  checksumOfBytes,
  fullObjectChecksum,
  startChecksum,
} from '../objects/checksums.ts';
import { S3Error } from '../errors.ts';
import type { S3Request } from './request.ts';

/** Computed while a body was read. */
export interface Digests {
  /** Bytes. */
  size: number;
  md5: Buffer;
  checksum: Checksum | undefined;
  /** Hexadecimal; only if requested. */
  sha256: string | undefined;
}

/** A body being read, with the values computed once it has been read completely. */
export interface Passage {
  chunks: AsyncIterable<Buffer>;
  /** The algorithm of the computed checksum. */
  checksum: ChecksumAlgorithm | undefined;
  digests(): Digests;
}

/** Maximum size of a request document, in bytes: a thousand keys of maximum length, escaped. */
const LONGEST_DOCUMENT = 8 * 1024 * 1024;
/** Bodies up to this many bytes are collected and hashed at once: for them, streaming costs more than the bytes. */
const MAX_AT_ONCE = 64 * 1024;

/**
 * The decoded body of a request, verified while it is read: length, Content-MD5, x-amz-content-sha256 and the checksum
 * in a header or trailer. Reading throws at the end if one does not match.
 *
 * @param checksumIsOf what the checksum header covers: this body, or an object assembled from parts
 * @param otherwise checksum to compute if the request has none
 * @throws S3Error if the request's declarations about its body are malformed
 */
export function openBody(
  request: S3Request,
  checksumIsOf: 'body' | 'object' = 'body',
  otherwise?: ChecksumAlgorithm,
): Passage {
  const { raw, chunkSignatures } = request;
  const trailers = new Map<string, string>();
  const { chunked, length, md5, sha256 } = parseBodyDeclaration(request);
  const expected = checksumIsOf === 'body' ? declaredChecksum(request) : undefined;
  const demand = { checksum: expected?.algorithm ?? otherwise, sha256: sha256 !== undefined };
  let done: Digests | undefined;

  async function* atOnce(): AsyncGenerator<Buffer> {
    const bytes = await collect(raw);
    done = await digestsOf(bytes, demand);
    verify(done);
    if (bytes.length > 0) yield bytes;
  }

  async function* piecewise(): AsyncGenerator<Buffer> {
    const source = raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const running = await startDigests(demand);
    for await (const chunk of chunked ? decodeAwsChunked(source, trailers, chunkSignatures) : source) {
      running.update(chunk);
      yield chunk;
    }
    done = running.result();
    verify(done);
  }

  function verify(found: Digests): void {
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

  return {
    chunks: chunked || length > MAX_AT_ONCE ? piecewise() : atOnce(),
    checksum: demand.checksum,
    digests() {
      if (done === undefined) throw new Error('The digests were requested before the body was read.');
      return done;
    },
  };
}

/** What is computed of a body, in addition to size and MD5. */
interface Demand {
  checksum: ChecksumAlgorithm | undefined;
  sha256: boolean;
}

async function startDigests({ checksum, sha256 }: Demand): Promise<RunningDigests> {
  const md5 = createHash('md5');
  const content = sha256 ? createHash('sha256') : undefined;
  const running = checksum && (await startChecksum(checksum));
  let size = 0;
  return {
    update(chunk) {
      size += chunk.length;
      md5.update(chunk);
      content?.update(chunk);
      running?.update(chunk);
    },
    result: () => ({
      size,
      md5: md5.digest(),
      sha256: content?.digest('hex'),
      checksum: checksum && running && fullObjectChecksum(checksum, running.hex()),
    }),
  };
}

interface RunningDigests {
  update(chunk: Buffer): void;
  result(): Digests;
}

async function digestsOf(bytes: Buffer, { checksum, sha256 }: Demand): Promise<Digests> {
  const content = sha256 ? hash('sha256', bytes) : undefined;
  const hexOf = async (algorithm: ChecksumAlgorithm) =>
    (algorithm === 'SHA256' ? content : undefined) ?? (await checksumOfBytes(algorithm, bytes));
  return {
    size: bytes.length,
    md5: hash('md5', bytes, 'buffer'),
    sha256: content,
    checksum: checksum && fullObjectChecksum(checksum, await hexOf(checksum)),
  };
}

/** All bytes of a request. @throws Error with the code ECONNRESET if the client disconnects before the end */
function collect(raw: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const disconnected = () =>
      reject(Object.assign(new Error('the client has disconnected'), { code: 'ECONNRESET' }));
    if (raw.destroyed) return disconnected();
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.once('end', () => resolve(Buffer.concat(chunks)));
    raw.once('error', reject);
    // Has no effect after the end.
    raw.once('close', disconnected);
  });
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
