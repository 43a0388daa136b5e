import { createServer, type RequestListener, type Server } from 'node:http';

/**
 * An HTTP server that ignores an empty `Expect` header, as S3 does. Node answers 417 to every expectation except
 * `100-continue`, including an empty one, which some clients send to disable `100-continue`.
 */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(listener);
  server.on('checkExpectation', (request, response) => {
    if (request.headers.expect?.trim() === '') return listener(request, response);
    response.writeHead(417).end();
  });
  return server;
}
