import type { Agent, ClientRequest, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { releaseAfterUse, SharedBufferError } from './response-body.ts';
import { shareReadBuffer, type SharedReads } from './shared-reads.ts';

/** A request as sent. */
export interface HttpRequest {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  /** Path and query, percent-encoded. */
  target: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Milliseconds without a byte after which this call fails, instead of the transport's. */
  stalledAfterMs?: number;
}

export interface HttpResponse {
  statusCode: number;
  headers: IncomingHttpHeaders;
  /** Consume or destroy it, otherwise its connection stays in use. A chunk is valid until the next one is requested. */
  body: AsyncIterable<Uint8Array> & { destroy(): void };
}

/** Sends a request, in one attempt. Rejects with Node's connection error (`ECONNRESET`, …) or a `TimeoutError`. */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>;

export interface TransportOptions {
  /** Maximum number of connections; further calls wait for a free one. */
  maxSockets: number;
  /** Milliseconds in which a connection must be established. */
  connectionTimeoutMs: number;
  /** Milliseconds without a byte after which a call fails. */
  stalledAfterMs: number;
  /** For large bodies; without it, bodies are read by Node's default. */
  sharedReads?: SharedReads;
}

/** Maximum bytes per read from a socket. */
const READ_BYTES = 256 * 1024;

/** Node's HTTP client with keep-alive connections, without the layers that an SDK adds. */
export function createTransport(options: TransportOptions): Transport {
  const { connectionTimeoutMs, sharedReads } = options;
  // Created with the first request, because many functions never send one.
  let shared: Connections | undefined;
  let plain: Connections | undefined;
  const connectionsFor = (reads: SharedReads | undefined): Connections => {
    if (!reads) return (plain ??= createConnections(options));
    return (shared ??= createSharedConnections(options, () => {
      reads.disable('bytes arrived for a connection whose socket is unknown');
      // Otherwise, calls on these connections would wait for the lost bytes until they time out.
      shared?.close();
    }));
  };

  return ({ protocol, hostname, port, method, target, headers, body, stalledAfterMs }, signal) =>
    new Promise((resolve, reject) => {
      const timeout = stalledAfterMs ?? options.stalledAfterMs;
      const reads = sharedReads?.isEnabled ? sharedReads : undefined;
      const connections = connectionsFor(reads);
      const { request, agent } = protocol === 'http:' ? connections.http : connections.https;
      const call = request({
        ...{ host: hostname, method, path: target, headers, agent, timeout },
        ...(port !== undefined && { port }),
        ...(signal && { signal }),
      });
      let hasResponse = false;
      call.on('response', (response) => {
        hasResponse = true;
        reads?.recordResponse();
        resolve({
          statusCode: response.statusCode ?? 0,
          headers: response.headers,
          body: Object.assign(
            guardSharedReads(releaseAfterUse(response, connections.buffer?.buffer), reads),
            {
              destroy: () => void response.destroy(),
            },
          ),
        });
      });
      // Not `once`: without a listener, an error after the response would end the process instead of only the body.
      call.on('error', reject);
      call.on('timeout', () => {
        if (!hasResponse) reads?.recordTimeout();
        call.destroy(timeoutError(`no byte arrived for ${timeout} ms`));
      });
      failSlowConnection(call, connectionTimeoutMs);
      call.end(body);
    });
}

/** Disables shared reads if the parser passes on the shared buffer. The reader then resumes the body. */
async function* guardSharedReads(
  body: AsyncIterable<Uint8Array>,
  reads: SharedReads | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof SharedBufferError) reads?.disable(error.message);
    throw error;
  }
}

interface Connections {
  http: { request: typeof httpsRequest; agent: Agent };
  https: { request: typeof httpsRequest; agent: HttpsAgent };
  /** The buffer that all connections read into, if they share one. */
  buffer?: Buffer;
  close(): void;
}

function createConnections({ maxSockets }: TransportOptions): Connections {
  const options = { keepAlive: true, maxSockets };
  // Not imported: as an ES module, `node:http` also loads its WebSocket export, which adds 10 ms to the start.
  const http = process.getBuiltinModule('node:http');
  const agents = { http: new http.Agent(options), https: new HttpsAgent(options) };
  return {
    http: { request: http.request, agent: agents.http },
    https: { request: httpsRequest, agent: agents.https },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function createSharedConnections(options: TransportOptions, onLostBytes: () => void): Connections {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const connections = createConnections(options);
  shareReadBuffer(buffer, connections.http.agent, onLostBytes);
  shareReadBuffer(buffer, connections.https.agent, onLostBytes);
  return { ...connections, buffer };
}

/** Fails a call whose connection is not established in time. */
function failSlowConnection(call: ClientRequest, afterMs: number): void {
  call.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => call.destroy(timeoutError(`connection timed out after ${afterMs} ms`)),
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
