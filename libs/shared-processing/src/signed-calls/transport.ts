import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { lend } from './lend.ts';
import { readInto } from './reading-agent.ts';

/** A request as it goes out. */
export interface HttpRequest {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  /** Percent-encoded, with the query. */
  target: string;
  headers: Record<string, string>;
  body?: string;
}

export interface HttpAnswer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  /** To be consumed or destroyed, else the connection stays taken. A chunk is the taker's until it asks for the next. */
  body: AsyncIterable<Uint8Array> & { destroy(): void };
}

/** Sends a request, once. Rejects with what Node says of connections (`ECONNRESET`, …), or a `TimeoutError`. */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpAnswer>;

export interface TransportOptions {
  /** Connections at once; who comes later waits for one. */
  maxSockets: number;
  /** Milliseconds in which a connection must come about. */
  connectionTimeoutMs: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  stalledAfterMs: number;
}

/** Bytes that are taken from a socket at once. */
const READ_BYTES = 256 * 1024;

/** Node's own HTTP client over connections that are kept, without the layers that an SDK has around it. */
export function createTransport(options: TransportOptions): Transport {
  const { connectionTimeoutMs, stalledAfterMs: timeout } = options;
  // Made with the first request: many a function never sends one.
  let connections: Connections | undefined;

  return ({ protocol, hostname, port, method, target, headers, body }, signal) =>
    new Promise((resolve, reject) => {
      connections ??= createConnections(options);
      const { buffer, plain, secure } = connections;
      const { request, agent } = protocol === 'http:' ? plain : secure;
      const call = request({
        ...{ host: hostname, method, path: target, headers, agent, timeout },
        ...(port !== undefined && { port }),
        ...(signal && { signal }),
      });
      call.on('response', (answer) => {
        resolve({
          statusCode: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Object.assign(lend(answer, buffer.buffer), { destroy: () => void answer.destroy() }),
        });
      });
      // Not only once: what comes after the answer ends its body, and must not end the process.
      call.on('error', reject);
      call.on('timeout', () => call.destroy(timeoutError(`no byte came for ${timeout} ms`)));
      giveUpConnecting(call, connectionTimeoutMs);
      call.end(body);
    });
}

type Connections = ReturnType<typeof createConnections>;

function createConnections({ maxSockets }: TransportOptions) {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const options = { keepAlive: true, maxSockets };
  // Not imported: as an ES module it loads the WebSocket that it exports too, which costs a start 10 ms.
  const http = process.getBuiltinModule('node:http');
  return {
    buffer,
    plain: { request: http.request, agent: readInto(buffer, new http.Agent(options)) },
    secure: { request: httpsRequest, agent: readInto(buffer, new HttpsAgent(options)) },
  };
}

/** Ends a call whose new connection does not come about in time. */
function giveUpConnecting(call: ClientRequest, afterMs: number): void {
  call.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => call.destroy(timeoutError(`no connection came about in ${afterMs} ms`)),
      afterMs,
    );
    const stop = () => clearTimeout(timer);
    socket.once('connect', stop);
    call.once('close', stop);
  });
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
