import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { BrokenBody } from '../faults.ts';
import type { Answer } from './answer.ts';

/**
 * Writes a response and waits until it is sent. A client that disconnects is not an error.
 *
 * @param broken where the body stops early, and how
 */
export async function send(
  raw: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  broken?: BrokenBody,
): Promise<void> {
  const release = answer.body.kind === 'stream' ? answer.body.release : undefined;
  try {
    res.writeHead(answer.status, answer.headers);
    const sent = broken === undefined ? writeBody(res, answer) : writeBroken(res, answer, broken);
    // Discard the rest of the request's body, so that the connection can serve the next request.
    raw.resume();
    await sent;
  } catch (error) {
    if (!isClientGone(error)) throw error;
  } finally {
    release?.();
  }
}

/** Flips one bit of the response body, or the last bit of a shorter body. */
export function withBitFlipped(answer: Answer, bit: number): Answer {
  const { body } = answer;
  if (body.kind === 'none') return answer;
  const size = Number(answer.headers['content-length'] ?? Infinity);
  const position = Math.min(bit, size * 8 - 1);
  if (body.kind === 'whole')
    return { ...answer, body: { ...body, content: flipped(body.content, position) } };
  async function* chunks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let before = 0;
    for await (const chunk of source) {
      yield flipped(chunk, position - before * 8);
      before += chunk.length;
    }
  }
  return { ...answer, body: { ...body, chunks: chunks(body.chunks) } };
}

/** Copies bytes with one bit flipped, or unchanged if they have no such bit. */
function flipped(bytes: string | Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = Math.floor(bit / 8);
  const byte = copy[index];
  if (byte !== undefined) copy[index] = byte ^ (1 << (bit % 8));
  return copy;
}

/** Breaks the connection without a response. */
export function cut(res: ServerResponse): void {
  res.socket?.destroy();
}

/** Whether an error means that the client closed the connection early. */
export function isClientGone(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function writeBody(res: ServerResponse, { body }: Answer): Promise<void> {
  if (body.kind === 'stream') return pipeline(Readable.from(body.chunks, { objectMode: false }), res);
  res.end(body.kind === 'whole' ? body.content : undefined);
  return closed(res);
}

/** Resolves once a response is sent or its connection is broken. `finished` does the same at several times the cost. */
function closed(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.closed) resolve();
    else res.once('close', resolve);
  });
}

async function writeBroken(res: ServerResponse, { body }: Answer, broken: BrokenBody): Promise<void> {
  if (body.kind !== 'none') res.flushHeaders();
  let left = broken.afterBytes;
  for await (const chunk of chunksOf(body)) {
    const piece = chunk.subarray(0, left);
    left -= piece.length;
    if (piece.length > 0) await new Promise<void>((done) => res.write(piece, () => done()));
    if (left === 0) break;
  }
  if (broken.then === 'stall') await finished(res);
  cut(res);
}

function chunksOf(body: Answer['body']): AsyncIterable<Buffer> | Buffer[] {
  if (body.kind === 'stream') return body.chunks;
  return body.kind === 'whole' ? [Buffer.from(body.content)] : [];
}
