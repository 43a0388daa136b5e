import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Server } from 'node:http';
import { createHttpServer } from './http-server.ts';
import { rawRequest } from '../testing/raw.ts';

let server: Server;
let endpoint: string;
beforeAll(async () => {
  server = createHttpServer((request, response) => {
    void text(request).then((body) => response.end(`got ${body}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it.each([
  ['', 200, 'got bytes'],
  [' ', 200, 'got bytes'],
  ['100-continue', 200, 'got bytes'],
  ['a miracle', 417, ''],
])('Expect: %j is answered with %d', async (expectation, status, body) => {
  const headers = { expect: expectation, 'content-length': '5' };
  const answer = await rawRequest(endpoint, { method: 'PUT', path: '/', headers, body: 'bytes' });
  expect(answer).toMatchObject({ status, body });
});
