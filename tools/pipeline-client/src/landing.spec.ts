import { hash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { landingOf } from './services.ts';
import { objectOf } from './upload.ts';

interface Received {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let server: Server;
let s3: S3Client;
let received: Received[];
/** Answers requests in this order; the last one answers all further requests. */
let answers: ((response: ServerResponse) => void)[];

const stored = (response: ServerResponse) =>
  void response.writeHead(200, { 'x-amz-version-id': 'v1', etag: '"e"' }).end();
const refused = (status: number, code: string) => (response: ServerResponse) =>
  void response
    .writeHead(status, { 'x-amz-request-id': 'r' })
    .end(`<Error><Code>${code}</Code><Message>no</Message><RequestId>r</RequestId></Error>`);

beforeEach(async () => {
  received = [];
  answers = [stored];
  server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    received.push({ url, headers, body: await text(request) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  s3 = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    forcePathStyle: true,
  });
});
afterEach(async () => {
  s3.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Of a request that the SDK has built. */
const OF_SDK = 'amz-sdk-invocation-id';

describe('the landing bucket', () => {
  it('is sent a small file in one signed request with its checksum, without the rest of the SDK', async () => {
    const sent = await landingOf(s3, 'landing').put(objectOf('a b/é.txt', Buffer.from('content')));
    expect(sent).toEqual({
      bucket: 'landing',
      key: 'a b/é.txt',
      version: { kind: 'id', versionId: 'v1' },
      size: 7,
      sha256: hash('sha256', 'content'),
    });
    expect(received).toEqual([
      {
        url: '/landing/a%20b/%C3%A9.txt',
        headers: expect.objectContaining({
          'x-amz-checksum-sha256': hash('sha256', 'content', 'base64'),
          'x-amz-content-sha256': hash('sha256', 'content'),
          'content-length': '7',
          'content-type': 'application/octet-stream',
          authorization: expect.stringContaining('/eu-central-1/s3/aws4_request'),
        }),
        body: 'content',
      },
    ]);
    expect(received[0]?.headers).not.toHaveProperty(OF_SDK);
  });

  it('is sent an empty file', async () => {
    await expect(landingOf(s3, 'landing').put(objectOf('empty', Buffer.alloc(0)))).resolves.toMatchObject({
      size: 0,
    });
    expect(received).toMatchObject([{ headers: { 'content-length': '0' }, body: '' }]);
  });

  it.each([
    ['is throttled', refused(503, 'SlowDown')],
    ['gets no response', (response: ServerResponse) => void response.destroy()],
  ])('is sent a small file through the SDK if the first attempt %s', async (_why, fails) => {
    answers = [fails, stored];
    await expect(landingOf(s3, 'landing').put(objectOf('a', Buffer.from('content')))).resolves.toMatchObject({
      version: { versionId: 'v1' },
    });
    expect(received.map(({ headers }) => OF_SDK in headers)).toEqual([false, true]);
    expect(received.map(({ body }) => body)).toEqual(['content', 'content']);
  });

  it('refuses with the error of the SDK', async () => {
    answers = [refused(400, 'BadDigest')];
    await expect(landingOf(s3, 'landing').put(objectOf('a', Buffer.from('content')))).rejects.toMatchObject({
      name: 'BadDigest',
    });
  });

  it('refuses a bucket without versions', async () => {
    answers = [(response) => void response.writeHead(200).end()];
    const object = objectOf('a', Buffer.from('content'));
    await expect(landingOf(s3, 'landing').put(object)).rejects.toThrow('landing keeps no versions');
    expect(received).toHaveLength(1);
  });

  it('is sent a stream through the SDK', async () => {
    const body = Readable.from([Buffer.from('content')], { objectMode: false });
    await landingOf(s3, 'landing').put({ ...objectOf('a', Buffer.from('content')), body });
    expect(received).toMatchObject([{ headers: { [OF_SDK]: expect.any(String) } }]);
  });
});
