import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type ClientRequest, get, type IncomingMessage, request } from 'node:http';
import { crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { BUCKETS } from '../notify.ts';
import { type BenchFile, keyOf } from '../content.ts';

const agent = new Agent({ keepAlive: true });
/** gzip's level, as in the function. */
export const LEVEL = Number(process.env['COMPRESSION_LEVEL'] ?? 6);

/**
 * Copies files from one bucket into one object of another with plain Node and the checksums of a bundle: unsigned GETs and
 * one unsigned PUT, SHA-256 of each file and of the whole, deflate and CRC-32. It has no claims, no tar format, no second
 * read, and no protection against broken bodies.
 */
export async function passThrough(files: readonly BenchFile[]): Promise<number> {
  const endpoint = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
  const target = { host: endpoint.hostname, port: endpoint.port, agent };
  const put = request({ ...target, method: 'PUT', path: `/${BUCKETS.distribution}/bundle` });
  const answered = once(put, 'response') as Promise<[IncomingMessage]>;
  const whole = createHash('sha256');
  let crc = 0;
  for (const file of files) {
    const body = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ ...target, path: `/${BUCKETS.landing}/${keyOf(file)}` }, resolve).once('error', reject),
    );
    const own = createHash('sha256');
    const compressor = file.kind === 'noise' ? undefined : compressorInto(put, whole);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      own.update(chunk);
      crc = crc32(chunk, crc);
      if (!compressor) await send(chunk, put, whole);
      else if (!compressor.write(chunk)) await once(compressor, 'drain');
    }
    own.digest();
    if (compressor) await once(compressor.end(), 'end');
  }
  put.end();
  const [answer] = await answered;
  await once(answer.resume(), 'end');
  return crc + whole.digest().length;
}

function compressorInto(put: ClientRequest, whole: Hash): DeflateRaw {
  return createDeflateRaw({ level: LEVEL, chunkSize: 128 * 1024 }).on('data', (bytes: Buffer) => {
    void send(bytes, put, whole);
  });
}

async function send(bytes: Buffer, put: ClientRequest, whole: Hash): Promise<void> {
  whole.update(bytes);
  if (!put.write(bytes)) await once(put, 'drain');
}
