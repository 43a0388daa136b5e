import { createServer, type RequestListener, type Server } from 'node:http';

/**
 * An HTTP server that reads an empty `Expect` header as none, as S3 does. Node answers 417 to every expectation other
 * than `100-continue`, and an empty header counts as one; some clients send it to turn `100-continue` off.
 */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(listener);
  server.on('checkExpectation', (request, response) => {
    if (request.headers.expect?.trim() === '') return listener(request, response);
    response.writeHead(417).end();
  });
  return server;
}
