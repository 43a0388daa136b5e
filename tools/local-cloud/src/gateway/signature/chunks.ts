import { createHash } from 'node:crypto';
import { type ChunkSignatures, S3Error } from '../../s3/index.ts';
import { isSame, sign } from './compute.ts';
import type { ChunkSigning } from './verify.ts';

const ofNothing = createHash('sha256').digest('hex');

/**
 * Verifies the chunk signatures of an `aws-chunked` body. Each covers the previous signature, the first one that of the
 * request.
 *
 * @see "Signature calculations for the Authorization header: transferring payload in multiple chunks" in AWS's
 *   documentation
 */
export function verifyChunks({ key, date, scope, seed }: ChunkSigning): ChunkSignatures {
  let previous = seed;
  function check(algorithm: string, digests: string, signature: string | undefined): void {
    const expected = sign(key, `${algorithm}\n${date}\n${scope}\n${previous}\n${digests}`);
    if (signature === undefined || !/^[0-9a-f]{64}$/.test(signature) || !isSame(signature, expected)) {
      throw new S3Error('SignatureDoesNotMatch', {
        message: 'The signature of a chunk does not match its content.',
      });
    }
    previous = expected;
  }
  return {
    chunk: (sha256, signature) => check('AWS4-HMAC-SHA256-PAYLOAD', `${ofNothing}\n${sha256}`, signature),
    trailer: (sha256, signature) => check('AWS4-HMAC-SHA256-TRAILER', sha256, signature),
  };
}
