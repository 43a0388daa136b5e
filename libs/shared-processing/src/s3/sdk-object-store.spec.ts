import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { createObjectStore, createS3Client, type ObjectStore, type StoredObject } from './index.ts';

const environment = { ...process.env };
let server: Server;
let client: S3Client;
let store: ObjectStore;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['AWS_REGION'] = 'eu-west-2';
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  client = createS3Client({ maxSockets: 2 });
  store = createObjectStore(client);
});

beforeEach(() => {
  requests = [];
  answer = (_request, response) => void response.end();
});

afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  process.env = environment;
});

const body = Buffer.from('a bundle');
const bundle: StoredObject = {
  bucket: 'distribution',
  key: 'bundles/K.tar.gz',
  size: body.length,
  sha256: hash('sha256', body),
  open: () => Readable.from([body]),
  contentType: 'application/gzip',
  metadata: { members: '1' },
  onlyIfAbsent: true,
};

describe('put', () => {
  it('sends a bundle as a file: its type, its checksum, its condition, and no content encoding', async () => {
    await store.put(bundle);
    const [put] = requests;
    expect(put).toMatchObject({ method: 'PUT', body: 'a bundle' });
    expect(put?.headers).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': '8',
      'if-none-match': '*',
      'x-amz-checksum-sha256': hash('sha256', body, 'base64'),
      'x-amz-meta-members': '1',
    });
    expect(put?.headers).not.toHaveProperty('content-encoding');
  });

  it('is one attempt, whatever is answered', async () => {
    answer = (_request, response) => void response.writeHead(500).end();
    await expect(store.put(bundle)).rejects.toMatchObject({
      name: 'CallError',
      outcome: 'unknown',
      status: 500,
    });
    answer = (_request, response) => void response.destroy();
    await expect(store.put(bundle)).rejects.toMatchObject({ name: 'CallError', outcome: 'unknown' });
    expect(requests).toHaveLength(2);
  });

  it('tells a failed condition from other refusals', async () => {
    answer = (_request, response) =>
      void response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
    await expect(store.put(bundle)).rejects.toMatchObject({ outcome: 'refused', code: 'PreconditionFailed' });
  });
});

describe('head', () => {
  it.each([
    [200, { 'x-amz-meta-sha256': 'abc' }, { kind: 'present', metadata: { sha256: 'abc' } }],
    [404, {}, { kind: 'absent' }],
    [404, { 'x-amz-delete-marker': 'true' }, { kind: 'deleted' }],
  ])('reads %i with %j as %j', async (status, headers, state) => {
    answer = (_request, response) => void response.writeHead(status, headers).end();
    await expect(store.head('distribution', 'K')).resolves.toEqual(state);
  });

  it('says so where S3 does not tell: no permission is not absence', async () => {
    answer = (_request, response) => void response.writeHead(403).end();
    await expect(store.head('distribution', 'K')).rejects.toMatchObject({
      outcome: 'refused',
      code: 'AccessDenied',
    });
  });
});
