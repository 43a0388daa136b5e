import { hash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '@data-aggregator/shared-processing/s3';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { createReplayStore, type ReplayStore } from './replay-store.ts';

let aws: StandIn;
let client: S3Client;
let store: ReplayStore;
let request: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
};
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  const server = createServer(async (incoming, response) => {
    const { method, url, headers } = incoming;
    request = { method, url, headers, body: await text(incoming) };
    answer(response);
  });
  aws = await standInForAws(server);
  client = createS3Client({ maxSockets: 1 });
  store = createReplayStore(client);
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const ID = { 'x-amz-request-id': '1' };
const error = (code: string) =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><RequestId>1</RequestId></Error>`;
const SHA256 = hash('sha256', 'bundle');
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

describe('the state of a bundle in the archive', () => {
  const stateOf = () => store.stateOf('archive', 'bundles/a');
  const stored = { 'content-length': '6', etag: '"abc-1"' };
  const readable = { kind: 'readable', size: 6, etag: 'abc-1', sha256: undefined, crc64nvme: undefined };

  it.each([
    ['has no checksum', {}, readable],
    ['has a SHA-256', { 'x-amz-checksum-sha256': base64(SHA256) }, { ...readable, sha256: SHA256 }],
    [
      'has a CRC-64/NVME',
      { 'x-amz-checksum-crc64nvme': 'ASNFZ4mrze8=' },
      { ...readable, crc64nvme: '0123456789abcdef' },
    ],
    ['can be read at once', { 'x-amz-storage-class': 'GLACIER_IR' }, readable],
    ['is in Glacier', { 'x-amz-storage-class': 'GLACIER' }, { kind: 'archived', storageClass: 'GLACIER' }],
    [
      'is in Deep Archive',
      { 'x-amz-storage-class': 'DEEP_ARCHIVE' },
      { kind: 'archived', storageClass: 'DEEP_ARCHIVE' },
    ],
    [
      'is being restored',
      { 'x-amz-storage-class': 'DEEP_ARCHIVE', 'x-amz-restore': 'ongoing-request="true"' },
      { kind: 'restoring', storageClass: 'DEEP_ARCHIVE' },
    ],
    [
      'has been restored',
      {
        'x-amz-storage-class': 'GLACIER',
        'x-amz-restore': 'ongoing-request="false", expiry-date="Sun, 29 Nov 2026 00:00:00 GMT"',
      },
      readable,
    ],
  ])('is known if it %s', async (_, headers, state) => {
    answer = (response) => void response.writeHead(200, { ...ID, ...stored, ...headers }).end();
    await expect(stateOf()).resolves.toEqual(state);
    expect(request).toMatchObject({ method: 'HEAD', headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  });

  it('is absent if S3 says so', async () => {
    answer = (response) => void response.writeHead(404, ID).end();
    await expect(stateOf()).resolves.toEqual({ kind: 'absent' });
  });

  it.each([
    ['a 404 that S3 did not send', 404, {}, 'unknown'],
    ['a missing permission', 403, ID, 'refused'],
    ['a fault of S3', 500, ID, 'unknown'],
  ])('is not known after %s', async (_, status, headers, outcome) => {
    answer = (response) => void response.writeHead(status, headers).end();
    await expect(stateOf()).rejects.toMatchObject({ name: 'CallError', status, outcome });
  });

  it('has an ETag that no object has if the response has none', async () => {
    answer = (response) => void response.writeHead(200, ID).end();
    await expect(stateOf()).resolves.toEqual({ ...readable, size: 0, etag: '' });
  });
});

describe('a restore', () => {
  const restore = () => store.restore('archive', 'bundles/a', { days: 7, tier: 'Bulk' });

  it('is requested for the given days, from the given tier', async () => {
    answer = (response) => void response.writeHead(202, ID).end();
    await restore();
    expect(request).toMatchObject({
      method: 'POST',
      url: expect.stringMatching(/^\/archive\/bundles\/a\?restore/),
    });
    expect(request.body).toContain('<Days>7</Days>');
    expect(request.body).toContain('<GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>');
  });

  it('is left alone if it is already in progress', async () => {
    answer = (response) => void response.writeHead(409, ID).end(error('RestoreAlreadyInProgress'));
    await expect(restore()).resolves.toBeUndefined();
  });

  it.each([
    [403, 'AccessDenied', 'refused'],
    [503, 'SlowDown', 'throttled'],
  ])('fails after %i %s', async (status, code, outcome) => {
    answer = (response) => void response.writeHead(status, ID).end(error(code));
    await expect(restore()).rejects.toMatchObject({ name: 'CallError', code, outcome });
  });
});

describe('a copy', () => {
  const copy = () =>
    store.copy({
      from: { bucket: 'archive', key: 'bundles/ü 1+2', etag: 'abc' },
      to: { bucket: 'distribution', key: 'replays/r/bundles/a' },
    });

  it('is made of an unchanged source to a key without an object, and returns its SHA-256', async () => {
    const result = `<CopyObjectResult><ChecksumSHA256>${base64(SHA256)}</ChecksumSHA256></CopyObjectResult>`;
    answer = (response) => void response.writeHead(200, ID).end(result);
    await expect(copy()).resolves.toBe(SHA256);
    expect(request.url).toMatch(/^\/distribution\/replays\/r\/bundles\/a\?/);
    expect(request.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-copy-source': 'archive/bundles/%C3%BC%201%2B2',
      'x-amz-copy-source-if-match': '"abc"',
    });
  });

  it.each([
    ['an error after the status 200', 200, error('InternalError'), 'unknown'],
    ['a response without a checksum', 200, '<CopyObjectResult/>', 'unknown'],
    ['a fault of S3', 500, error('InternalError'), 'unknown'],
    ['a changed source or an existing object', 412, error('PreconditionFailed'), 'refused'],
    ['a request rate that is too high', 503, error('SlowDown'), 'throttled'],
  ])('fails after %s', async (_, status, body, outcome) => {
    answer = (response) => void response.writeHead(status, ID).end(body);
    await expect(copy()).rejects.toMatchObject({ name: 'CallError', outcome });
  });
});
