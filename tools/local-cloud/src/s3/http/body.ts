import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import { declaredChecksum, parseBodyDeclaration } from './body-declaration.ts';
import {
  type Checksum,
  checkChecksumShape,
  type ChecksumAlgorithm,
  checksumHeader,
  startChecksum,
} from '../objects/checksums.ts';
import { S3Error } from '../errors.ts';
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
 * @param otherwise the checksum to compute if the request has none
 * @throws S3Error where what the request declares of its body is malformed
 */
export function openBody(
  request: S3Request,
  checksumIsOf: 'body' | 'object' = 'body',
  otherwise?: ChecksumAlgorithm,
): Passage {
  const source = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const trailers = new Map<string, string>();
  const { chunked, length, md5, sha256 } = parseBodyDeclaration(request);
  const expected = checksumIsOf === 'body' ? declaredChecksum(request) : undefined;
  const passage = measured(chunked ? decodeAwsChunked(source, trailers, request.chunkSignatures) : source, {
    checksum: expected?.algorithm ?? otherwise,
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
