import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import { declaredChecksum, parseBodyDeclaration } from './body-declaration.ts';
import {
  type Checksum,
  checkChecksumShape,
  type ChecksumAlgorithm,
  checksumHeader,
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

/** Computes size, MD5 and optionally a checksum of the bytes that pass through. */
export function measured(
  source: AsyncIterable<Buffer>,
  demand: { checksum: ChecksumAlgorithm | undefined; sha256?: boolean },
): Passage {
  const md5 = createHash('md5');
  const sha256 = demand.sha256 === true ? createHash('sha256') : undefined;
  let size = 0;
  let done: Digests | undefined;

  async function* chunks(): AsyncGenerator<Buffer> {
    const running = demand.checksum && (await startChecksum(demand.checksum));
    for await (const chunk of source) {
      size += chunk.length;
      md5.update(chunk);
      sha256?.update(chunk);
      running?.update(chunk);
      yield chunk;
    }
    done = {
      size,
      md5: md5.digest(),
      sha256: sha256?.digest('hex'),
      checksum: demand.checksum && running && fullObjectChecksum(demand.checksum, running.hex()),
    };
  }

  return {
    chunks: chunks(),
    checksum: demand.checksum,
    digests() {
      if (done === undefined) throw new Error('The digests were requested before the body was read.');
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
