import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { S3Client } from '@aws-sdk/client-s3';
import { createLedgerTable } from '../ledger/index.ts';
import { createObjectStore, createS3Client, createSignedObjectStore } from '../s3/index.ts';
import { createSendBatch } from '../sqs/index.ts';
import { expectedSignature, readAuthorization, type ReceivedRequest } from './testing/signature.ts';

const environment = { ...process.env };
const secret = 'a secret';
let server: Server;
let requests: ReceivedRequest[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env['AWS_REGION'] = 'eu-west-2';
  process.env['AWS_ACCESS_KEY_ID'] = 'key';
  process.env['AWS_SECRET_ACCESS_KEY'] = secret;
  process.env['AWS_SESSION_TOKEN'] = 'a token';
});

beforeEach(() => {
  requests = [];
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  process.env = environment;
});

function expectSigned(service: string): void {
  const request = requests.at(-1);
  if (!request) throw new Error('nothing was sent');
  const { accessKey, scope, signedHeaders, signature } = readAuthorization(request);
  expect(accessKey).toBe('key');
  expect(scope).toMatch(new RegExp(`^\\d{8}/eu-west-2/${service}/aws4_request$`));
  expect(signedHeaders.split(';')).toContain('x-amz-security-token');
  expect(request.headers['x-amz-security-token']).toBe('a token');
  expect(signature).toBe(expectedSignature(request, { scope, signedHeaders, secret }));
}

const connections = { maxSockets: 1 };

describe.each([
  ['the SDK’s store', createObjectStore],
  ['the signed store', (client: S3Client) => createSignedObjectStore(client, connections)],
])('a request from %s', (_name, createStore) => {
  it.each(['plain.txt', "a b+c/(é)!'*~.txt", '//x//', '%2F?#&=', 'a/./../b', '日本'])(
    'is signed as S3 expects, for %j',
    async (key) => {
      const client = createS3Client(connections);
      const store = createStore(client);
      for (const pin of [{ versionId: 'v/1+=&~' }, { ifMatch: 'abc', from: 5 }]) {
        const { body } = await store.get({ bucket: 'landing', key, ...pin });
        body.destroy();
        expectSigned('s3');
      }
      client.destroy();
    },
  );
});

it('a request from the ledger table is signed as DynamoDB expects', async () => {
  const table = createLedgerTable('ledger', connections);
  const item = { id: 'é', expires: 1, members: new Uint8Array([1, 2, 3]) };
  await table.put(item, { kind: 'absent' });
  expectSigned('dynamodb');
  await table.get('é');
  expectSigned('dynamodb');
  await table.delete('é', { kind: 'equals', attributes: { bundle: 'K' } });
  expectSigned('dynamodb');
});

it('a request from the queue sender is signed as SQS expects', async () => {
  const send = createSendBatch(`${process.env['AWS_ENDPOINT_URL']}/0/queue`);
  await send([{ body: 'é', attributes: { a: 'b' } }]);
  expectSigned('sqs');
});
