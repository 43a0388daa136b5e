import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends an unsigned request without the SDK, with its path unchanged. */
export async function rawRequest(
  endpoint: string,
  what: {
    method?: string;
    path: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
    agent?: Agent;
  },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(endpoint);
  const sent = request({ hostname, port, agent: false, ...what });
  sent.end(what.body);
  const [answer] = await once(sent, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** Writes bytes to the server and disconnects. */
export async function sendAndHangUp(endpoint: string, bytes: string | Buffer): Promise<void> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  await new Promise((done) => socket.write(bytes, done));
  socket.destroy();
  await once(socket, 'close');
}
