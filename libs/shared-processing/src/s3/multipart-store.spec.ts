import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { createMultipartStore, createS3Client, type MultipartStore } from './index.ts';

let aws: StandIn;
let client: S3Client;
let store: MultipartStore;
let request: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
};
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method, url, headers } = incoming;
    request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    response.setHeader('x-amz-request-id', '1');
    answer(response);
  });
  aws = await standInForAws(server);
  client = createS3Client({ maxSockets: 2, bucketOwner: '111122223333' });
  store = createMultipartStore(client, { maxSockets: 2 });
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const upload = { bucket: 'distribution', key: 'bundles/a b', uploadId: 'id/1' };
const part = { number: 1, etag: 'e', size: 3, crc64nvme: '0123456789abcdef' };
const source = { bucket: 'landing', key: 'ü+1', versionId: 'v/1', start: 5, end: 10 };
const error = (code: string) =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>why</Message></Error>`;
const copied =
  '<CopyPartResult><ETag>&quot;e&quot;</ETag><ChecksumCRC64NVME>ASNFZ4mrze8=</ChecksumCRC64NVME></CopyPartResult>';

describe('the multipart store', () => {
  it('copies a range of a version, whose bucket must have the expected owner too', async () => {
    answer = (response) => void response.end(copied);
    await expect(store.copyPart(upload, 2, source)).resolves.toEqual({
      number: 2,
      etag: 'e',
      size: 5,
      crc64nvme: '0123456789abcdef',
    });
    expect(request.url).toContain('partNumber=2&uploadId=id%2F1');
    expect(request.headers).toMatchObject({
      'x-amz-copy-source': 'landing/%C3%BC%2B1?versionId=v%2F1',
      'x-amz-copy-source-range': 'bytes=5-9',
      'x-amz-expected-bucket-owner': '111122223333',
      'x-amz-source-expected-bucket-owner': '111122223333',
    });
  });

  it('completes under the condition that the key is free, with size and checksum of the whole', async () => {
    answer = (response) =>
      void response.end('<CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>');
    await store.complete(upload, [part], { size: 3, crc64nvme: '0123456789abcdef' });
    expect(request.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-checksum-crc64nvme': 'ASNFZ4mrze8=',
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-mp-object-size': '3',
    });
    expect(request.headers['x-amz-source-expected-bucket-owner']).toBeUndefined();
    expect(request.body).toContain('<Part><PartNumber>1</PartNumber><ETag>"e"</ETag>');
  });

  it.each([
    ['InternalError', 'unknown'],
    ['NoSuchUpload', 'refused'],
    ['SomethingNew', 'unknown'],
  ])('takes the error %s after the status 200 for an error', async (code, outcome) => {
    answer = (response) => void response.end(error(code));
    const expected = { code, outcome, message: expect.stringContaining('why') };
    await expect(store.complete(upload, [part], part)).rejects.toMatchObject(expected);
    await expect(store.copyPart(upload, 1, source)).rejects.toMatchObject(expected);
  });

  it.each([
    ['create', () => store.create({ ...upload, contentType: 'application/gzip' })],
    ['uploadPart', () => store.uploadPart(upload, { ...part, bytes: Buffer.from('abc') })],
    ['copyPart', () => store.copyPart(upload, 1, source)],
    ['complete', () => store.complete(upload, [part], part)],
  ])('%s concludes nothing from a response without what it must contain', async (_name, call) => {
    answer = (response) => void response.end('<html/>');
    await expect(call()).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it.each([
    ['throttled', 503, 'SlowDown'],
    ['refused', 412, 'PreconditionFailed'],
    ['unknown', 500, 'InternalError'],
  ])('reports %s', async (outcome, status, code) => {
    answer = (response) => void response.writeHead(status).end(error(code));
    await expect(store.complete(upload, [part], part)).rejects.toMatchObject({ outcome, code });
  });

  it('reports an abort that S3 did not confirm', async () => {
    answer = (response) => void response.writeHead(500).end(error('InternalError'));
    await expect(store.abort(upload)).rejects.toMatchObject({ outcome: 'unknown' });
    answer = (response) => void response.writeHead(404).end(error('NoSuchUpload'));
    await store.abort(upload);
    answer = (response) => void response.writeHead(404).end('<html/>');
    await expect(store.abort(upload)).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('reports a connection that breaks in the middle of the response', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('<Complete');
      setTimeout(() => response.destroy(), 10);
    };
    await expect(store.complete(upload, [part], part)).rejects.toMatchObject({ outcome: 'unknown' });
  });
});
