import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Answer } from './answer.ts';

/**
 * Writes an answer and waits until it is sent, or until the client is gone, which is the client's business.
 *
 * @param cutAfterBytes the connection breaks after so many bytes of the body
 */
export async function send(
  raw: IncomingMessage,
  res: ServerResponse,
  answer: Answer,
  cutAfterBytes?: number,
): Promise<void> {
  const release = answer.body.kind === 'stream' ? answer.body.release : undefined;
  try {
    res.writeHead(answer.status, answer.headers);
    const sent = cutAfterBytes === undefined ? writeBody(res, answer) : writeCut(res, answer, cutAfterBytes);
    // What is left of the request's body is read and dropped, so that the connection can serve the next one.
    raw.resume();
    await sent;
  } catch (error) {
    if (!isClientGone(error)) throw error;
  } finally {
    release?.();
  }
}

/** Breaks the connection without an answer. */
export function cut(res: ServerResponse): void {
  res.socket?.destroy();
}

/** Whether an error says that the other side closed the connection, before its body's end or ours. */
export function isClientGone(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function writeBody(res: ServerResponse, { body }: Answer): Promise<void> {
  if (body.kind === 'stream') return pipeline(Readable.from(body.chunks, { objectMode: false }), res);
  res.end(body.kind === 'whole' ? body.content : undefined);
  return finished(res);
}

async function writeCut(res: ServerResponse, { body }: Answer, bytes: number): Promise<void> {
  if (body.kind !== 'none') res.flushHeaders();
  let left = bytes;
  for await (const chunk of chunksOf(body)) {
    const piece = chunk.subarray(0, left);
    left -= piece.length;
    if (piece.length > 0) await new Promise<void>((done) => res.write(piece, () => done()));
    if (left === 0) break;
  }
  cut(res);
}

function chunksOf(body: Answer['body']): AsyncIterable<Buffer> | Buffer[] {
  if (body.kind === 'stream') return body.chunks;
  return body.kind === 'whole' ? [Buffer.from(body.content)] : [];
}
