import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request and puts it back, so that a handler can read it as if it had not been read. A stream
 * takes bytes back until its end has been emitted, which it is not before they are read again.
 *
 * @throws Error if the client goes away in the middle
 */
export async function peekBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    for (
      let chunk = request.read() as Buffer | null;
      chunk !== null;
      chunk = request.read() as Buffer | null
    ) {
      chunks.push(chunk);
    }
    if (request.complete && request.readableLength === 0) break;
    await once(request, 'readable');
  }
  const body = Buffer.concat(chunks);
  if (body.length > 0) request.unshift(body);
  return body;
}
