import { createHash } from 'node:crypto';
import type { ChunkSignatures } from './caller.ts';
import { S3Error } from '../errors.ts';

/**
 * Decodes an `aws-chunked` body:
 *
 *     <size in hex>[;chunk-signature=<hex>]\r\n<size bytes>\r\n   …any number of times
 *     0[;chunk-signature=<hex>]\r\n
 *     [<trailer>:<value>\r\n …]
 *     \r\n
 *
 * If `signatures` is given, each chunk signature is verified after the chunk's last byte, so that a modified body fails
 * before it ends. Trailers are added to `trailers`, with names in lower case, before the generator ends.
 *
 * @throws S3Error IncompleteBody if the body ends early or is malformed; SignatureDoesNotMatch
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  signatures?: ChunkSignatures,
): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const input = bufferedReader(iterator);
  try {
    for (;;) {
      const { size, signature } = chunkHead(await input.line());
      const sum = signatures && createHash('sha256');
      for (let left = size; left > 0;) {
        const piece = await input.atMost(left);
        left -= piece.length;
        sum?.update(piece);
        yield piece;
      }
      if (sum) signatures?.chunk(sum.digest('hex'), signature);
      if (size === 0) break;
      if ((await input.line()) !== '') throw malformed();
    }
    const signedTrailers = signatures && createHash('sha256');
    let hasTrailers = false;
    for (let line = await input.line(true); line !== ''; line = await input.line(true)) {
      const colon = line.indexOf(':');
      if (colon < 1) throw new S3Error('MalformedTrailerError');
      const name = line.slice(0, colon).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      trailers.set(name, value);
      hasTrailers = true;
      if (name !== TRAILER_SIGNATURE) signedTrailers?.update(`${name}:${value}\n`, 'latin1');
    }
    if (signedTrailers && hasTrailers) {
      signatures?.trailer(signedTrailers.digest('hex'), trailers.get(TRAILER_SIGNATURE));
    }
  } finally {
    await iterator.return?.();
  }
}

const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

function chunkHead(line: string): { size: number; signature: string | undefined } {
  const [, size, extensions = ''] = /^([0-9a-fA-F]{1,12})(;.*)?$/.exec(line) ?? [];
  if (size === undefined) throw malformed();
  const signature = /;chunk-signature=([0-9a-f]{64})$/.exec(extensions)?.[1];
  return { size: parseInt(size, 16), signature };
}

const LONGEST_LINE = 8192;

/** Reads lines and byte ranges from a stream of buffers. Copies only if a line spans two buffers. */
function bufferedReader(iterator: AsyncIterator<Buffer>) {
  let rest: Buffer = Buffer.alloc(0);

  async function refill(): Promise<boolean> {
    const next = await iterator.next();
    if (next.done) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }

  return {
    /** The next line without CR LF. With `lastMayBeMissing`, the end of the body counts as an empty line. */
    async line(lastMayBeMissing = false): Promise<string> {
      for (;;) {
        const end = rest.indexOf('\r\n');
        if (end >= 0) {
          const line = rest.toString('latin1', 0, end);
          rest = rest.subarray(end + 2);
          return line;
        }
        if (rest.length > LONGEST_LINE) throw malformed();
        if (await refill()) continue;
        if (lastMayBeMissing && rest.length === 0) return '';
        throw malformed();
      }
    },

    /** Between one and `count` of the next bytes. */
    async atMost(count: number): Promise<Buffer> {
      while (rest.length === 0) if (!(await refill())) throw malformed();
      const piece = rest.subarray(0, count);
      rest = rest.subarray(piece.length);
      return piece;
    },
  };
}

function malformed(): S3Error {
  return new S3Error('IncompleteBody', { message: 'The aws-chunked body is malformed or ends early.' });
}
