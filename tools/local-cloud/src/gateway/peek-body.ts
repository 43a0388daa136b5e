import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request and puts it back, so that a handler can read it again. A stream accepts bytes back until
 * it has emitted its end, which happens only after they are read again.
 *
 * @throws Error if the client disconnects meanwhile
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
