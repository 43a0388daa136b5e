import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type StandIn, standInForAws } from '../testing/index.ts';
import {
  createObjectStore,
  createS3Client,
  createSignedObjectStore,
  type ObjectStore,
  type StoredObject,
} from './index.ts';

/** Long enough for a busy machine, short enough for a test. */
const STALLED_AFTER_MS = 400;
const MAX_SOCKETS = 2;

let aws: StandIn;
let client: S3Client;
let store: ObjectStore;
let connections: Set<unknown>;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[];

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    connections.add(request.socket);
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  aws = await standInForAws(server);
});

beforeEach(() => {
  requests = [];
  connections = new Set();
  answer = (_request, response) => void response.end();
});

afterAll(async () => {
  await aws.stop();
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

const options = { maxSockets: MAX_SOCKETS, stalledAfterMs: STALLED_AFTER_MS };

describe.each([
  ['the SDK', createObjectStore],
  ['the signed store', (signing: S3Client) => createSignedObjectStore(signing, options)],
])('%s', (_name, create) => {
  beforeAll(() => {
    client = createS3Client(options);
    store = create(client);
  });

  afterAll(() => client.destroy());

  describe('the expected bucket owner', () => {
    const calls = async (bucketOwner: string | undefined) => {
      const signing = createS3Client({ ...options, bucketOwner });
      const own = create(signing);
      answer = (_request, response) => void response.writeHead(200, { 'content-length': '0' }).end();
      for await (const _chunk of (await own.get({ bucket: 'landing', key: 'a' })).body);
      await own.put(bundle);
      await own.head('distribution', 'K');
      signing.destroy();
      return requests.map(({ method, headers }) => [
        method,
        headers['x-amz-expected-bucket-owner'],
        /SignedHeaders=[^,]*x-amz-expected-bucket-owner/.test(String(headers.authorization)),
      ]);
    };

    it('is sent and signed with every call', async () => {
      await expect(calls('123456789012')).resolves.toEqual([
        ['GET', '123456789012', true],
        ['PUT', '123456789012', true],
        ['HEAD', '123456789012', true],
      ]);
    });

    it('is not sent if it is not configured', async () => {
      const sent = await calls(undefined);
      expect(sent.map(([, owner]) => owner)).toEqual([undefined, undefined, undefined]);
    });
  });

  describe('get', () => {
    const landed = { bucket: 'landing', key: 'in/a.txt', versionId: 'v1' };
    const headers = { 'content-length': '5', 'last-modified': 'Sun, 22 Nov 2026 09:00:00 GMT' };
    const read = async (body: AsyncIterable<Uint8Array>) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString();
    };

    it('returns the size, time and bytes of the requested version', async () => {
      answer = (_request, response) => void response.writeHead(200, headers).end('12345');
      const { size, lastModified, body } = await store.get(landed);
      expect({ size, lastModified }).toEqual({ size: 5, lastModified: Date.UTC(2026, 10, 22, 9) });
      await expect(read(body)).resolves.toBe('12345');
      const { pathname, searchParams } = new URL(requests[0]?.url ?? '', 'http://s3');
      expect(pathname).toBe('/landing/in/a.txt');
      expect(searchParams.get('versionId')).toBe('v1');
      expect(requests[0]?.headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=local\/\d+\/eu-west-2\/s3\//,
      );
    });

    it.each([
      ["a b+c/(é)!'*~.txt", '/landing/a%20b%2Bc/%28%C3%A9%29%21%27%2A~.txt'],
      ['/twice//slashed/', '/landing//twice//slashed/'],
      ['%2F?#&=', '/landing/%252F%3F%23%26%3D'],
      ['a/./../b', '/landing/a/./../b'],
    ])('requests %j as %j', async (key, path) => {
      answer = (_request, response) => void response.writeHead(200, headers).end('12345');
      const { body } = await store.get({ bucket: 'landing', key });
      await read(body);
      expect(requests[0]?.url?.split('?')[0]).toBe(path);
    });

    it('gets the rest of an object, and returns the size of the whole', async () => {
      answer = (_request, response) =>
        void response
          .writeHead(206, { ...headers, 'content-length': '2', 'content-range': 'bytes 3-4/5' })
          .end('45');
      const { size, body } = await store.get({ ...landed, from: 3 });
      expect(size).toBe(5);
      await expect(read(body)).resolves.toBe('45');
      expect(requests[0]?.headers.range).toBe('bytes=3-');
    });

    it('returns the stored checksum for a whole object, and none for a part', async () => {
      const stated = {
        ...{ 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=', 'x-amz-checksum-type': 'FULL_OBJECT' },
        etag: '"9b2cf535f27731c974343645a3985328"',
      };
      answer = (_request, response) => void response.writeHead(200, { ...headers, ...stated }).end('12345');
      const whole = await store.get(landed);
      // The SDK must not verify: it would throw here.
      await expect(read(whole.body)).resolves.toBe('12345');
      expect(whole.checksum).toEqual({ algorithm: 'crc64nvme', hex: 'ae8b14860a799888' });
      expect(requests[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
      const part = await store.get({ ...landed, from: 3 });
      await read(part.body);
      expect(part.checksum).toBeUndefined();
    });

    it.each([
      [{}, { algorithm: 'md5', hex: '9b2cf535f27731c974343645a3985328' }],
      [{ 'x-amz-server-side-encryption': 'aws:kms' }, undefined],
      [{ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, undefined],
      [{ 'x-amz-storage-class': 'EXPRESS_ONEZONE' }, undefined],
    ])('returns the ETag if it is an MD5: with %j', async (more, checksum) => {
      const etag = '"9b2cf535f27731c974343645a3985328"';
      answer = (_request, response) =>
        void response.writeHead(200, { ...headers, etag, ...more }).end('12345');
      const object = await store.get(landed);
      await read(object.body);
      expect(object.checksum).toEqual(checksum);
    });

    it('requests by ETag if there is no version id', async () => {
      answer = (_request, response) => void response.writeHead(200, headers).end('12345');
      const { body } = await store.get({ bucket: 'landing', key: 'a', ifMatch: 'abc' });
      await read(body);
      expect(requests[0]?.headers['if-match']).toBe('"abc"');
    });

    it.each([
      [403, 'AccessDenied', 'refused'],
      [404, 'NoSuchKey', 'refused'],
      [404, 'NoSuchBucket', 'refused'],
      [405, 'MethodNotAllowed', 'refused'],
      [412, 'PreconditionFailed', 'refused'],
      [500, 'InternalError', 'unknown'],
      [503, 'SlowDown', 'throttled'],
      [503, 'ServiceUnavailable', 'unknown'],
    ])('reads %i %s as %s', async (status, code, outcome) => {
      answer = (_request, response) =>
        void response
          .writeHead(status, { 'content-type': 'application/xml' })
          .end(
            `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>why</Message><RequestId>1</RequestId></Error>`,
          );
      const refusal = store.get(landed);
      await expect(refusal).rejects.toMatchObject({ name: 'CallError', outcome, code, status });
      await expect(refusal).rejects.toThrow('GET landing/in/a.txt');
      expect(requests).toHaveLength(1);
    });

    it.each([
      [403, 'AccessDenied', 'refused'],
      [404, 'NotFound', 'refused'],
      [503, 'HTTP 503', 'unknown'],
    ])('reads %i of S3 without a document as %s', async (status, code, outcome) => {
      answer = (_request, response) => void response.writeHead(status, { 'x-amz-request-id': '1' }).end();
      await expect(store.get(landed)).rejects.toMatchObject({ name: 'CallError', outcome, code, status });
    });

    it('reports an unknown outcome for a call whose connection is cut', async () => {
      answer = (_request, response) => void response.destroy();
      await expect(store.get(landed)).rejects.toMatchObject({
        name: 'CallError',
        outcome: 'unknown',
      });
    });

    it('ends a truncated body with an error', async () => {
      answer = (_request, response) => {
        response.writeHead(200, headers).write('123', () => response.destroy());
      };
      const { body } = await store.get(landed);
      await expect(read(body)).rejects.toThrow();
    });

    it('fails a call without a response', async () => {
      answer = () => undefined;
      await expect(store.get(landed)).rejects.toMatchObject({ outcome: 'unknown', code: 'TimeoutError' });
    });

    it('ends a stalled body with an error', async () => {
      answer = (_request, response) => void response.writeHead(200, headers).write('123');
      const { body } = await store.get(landed);
      await expect(read(body)).rejects.toThrow();
    });

    it('stops when the signal aborts, before the response and during the body', async () => {
      answer = () => undefined;
      await expect(store.get(landed, AbortSignal.timeout(20))).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(store.get(landed, AbortSignal.abort())).rejects.toMatchObject({ outcome: 'unknown' });
      answer = (_request, response) => void response.writeHead(200, headers).write('123');
      const stop = new AbortController();
      const { body } = await store.get(landed, stop.signal);
      const reading = read(body);
      setTimeout(() => stop.abort(), 20);
      await expect(reading).rejects.toThrow();
    });

    it('reuses connections up to the limit, also after refusals', async () => {
      answer = (request, response) =>
        void (request.url?.includes('missing')
          ? response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
          : response.writeHead(200, headers).end('12345'));
      const keys = Array.from({ length: 20 }, (_, index) =>
        index % 3 === 0 ? `missing-${index}` : `${index}`,
      );
      await Promise.allSettled(
        keys.map(async (key) => read((await store.get({ bucket: 'landing', key })).body)),
      );
      expect(requests).toHaveLength(20);
      expect(connections.size).toBeLessThanOrEqual(MAX_SOCKETS);
    });
  });

  describe('put', () => {
    it('sends content type, checksum and condition, and no content encoding', async () => {
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

    it('makes one attempt, whatever the response', async () => {
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

    it('distinguishes a failed condition from other refusals', async () => {
      answer = (_request, response) =>
        void response
          .writeHead(412)
          .end('<Error><Code>PreconditionFailed</Code><RequestId>1</RequestId></Error>');
      await expect(store.put(bundle)).rejects.toMatchObject({
        outcome: 'refused',
        code: 'PreconditionFailed',
      });
    });
  });

  describe('head', () => {
    it.each([
      [200, { 'x-amz-meta-sha256': 'abc' }, { kind: 'present', metadata: { sha256: 'abc' } }],
      [404, {}, { kind: 'absent' }],
      [404, { 'x-amz-delete-marker': 'true' }, { kind: 'deleted' }],
    ])('reads %i with %j as %j', async (status, headers, state) => {
      answer = (_request, response) =>
        void response.writeHead(status, { 'x-amz-request-id': '1', ...headers }).end();
      await expect(store.head('distribution', 'K')).resolves.toEqual(state);
    });

    it('does not take a missing permission for an absent key', async () => {
      answer = (_request, response) => void response.writeHead(403, { 'x-amz-request-id': '1' }).end();
      await expect(store.head('distribution', 'K')).rejects.toMatchObject({
        outcome: 'refused',
        code: 'AccessDenied',
      });
    });
  });
});

it('a copy also sends the expected owner of its source', async () => {
  const copying = createS3Client({ ...options, bucketOwner: '123456789012' });
  answer = (_request, response) => void response.writeHead(200).end('<CopyObjectResult/>');
  await copying.send(new CopyObjectCommand({ Bucket: 'to', Key: 'k', CopySource: 'from/k' }));
  copying.destroy();
  expect(requests[0]?.headers).toMatchObject({
    'x-amz-expected-bucket-owner': '123456789012',
    'x-amz-source-expected-bucket-owner': '123456789012',
  });
});
