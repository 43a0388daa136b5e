import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Invocation } from './invocation.ts';

/** Callbacks for the calls of the runtime in a function process. */
export interface RuntimeEvents {
  /** The runtime asks for an invocation: it is initialised, or has finished the previous one. */
  readonly onNext: () => void;
  readonly onResponse: (requestId: string, payload: string) => void;
  readonly onError: (requestId: string, payload: string) => void;
  readonly onInitError: (payload: string) => void;
}

/** The Runtime API of one function process. Source: "Using the Lambda runtime API for custom runtimes". */
export interface RuntimeApi {
  /** `127.0.0.1:43210`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Passes an invocation to the runtime, now or when it asks for one. */
  readonly offer: (invocation: Invocation) => void;
  readonly close: () => void;
}

/** Starts the API on a free port of the loopback interface. */
export async function startRuntimeApi(functionArn: string, events: RuntimeEvents): Promise<RuntimeApi> {
  let offered: Invocation | undefined;
  let waiting: ServerResponse | undefined;

  function deliver(): void {
    if (!offered || !waiting) return;
    const { requestId, deadline, traceId, payload } = offered;
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadline),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': traceId,
    });
    waiting.end(payload);
    offered = undefined;
    waiting = undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (request.method === 'GET' && path === 'invocation/next') {
      waiting = response;
      events.onNext();
      deliver();
      return;
    }
    const body = await text(request);
    const [, id, outcome] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    // Respond before calling back, because the callback can kill the process, which should have the response by then.
    response.writeHead(path === 'init/error' || id !== undefined ? 202 : 404, {
      'content-type': 'application/json',
    });
    response.end('{"status":"OK"}');
    if (path === 'init/error') events.onInitError(body);
    else if (id !== undefined && outcome === 'response') events.onResponse(decodeURIComponent(id), body);
    else if (id !== undefined) events.onError(decodeURIComponent(id), body);
  }

  const server = createServer((request, response) => {
    // If the process was killed during a request, there is no one to respond to.
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    address: `127.0.0.1:${port}`,
    offer: (invocation) => {
      offered = invocation;
      deliver();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
