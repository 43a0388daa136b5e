import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ChecksumAlgorithm,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { rawRequest, sendAndHangUp } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

const put = (Key: string, input: Partial<PutObjectCommandInput>) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body: '123456789', ...input }));
const putRaw = (key: string, headers: Record<string, string>, body: string) =>
  rawRequest(s3.endpoint, { method: 'PUT', path: `/${Bucket}/${key}`, headers, body });
const versionsOf = async (Prefix: string) =>
  (await s3.client.send(new ListObjectVersionsCommand({ Bucket, Prefix }))).Versions ?? [];

// The check values of "123456789" from the catalogue of parametrised CRC algorithms, in base64.
const CHECK_VALUES: Record<string, string> = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  CRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  SHA1: createHash('sha1').update('123456789').digest('base64'),
  SHA256: createHash('sha256').update('123456789').digest('base64'),
};

describe.each(Object.entries(CHECK_VALUES))('a %s checksum', (algorithm, value) => {
  const member = `Checksum${algorithm}`;
  const wrong = Buffer.from(value, 'base64').map((byte) => byte ^ 1);

  it('is verified, stored and returned on request', async () => {
    expect(await put(algorithm, { [member]: value })).toMatchObject({ [member]: value });
    const head = await s3.client.send(
      new HeadObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({ [member]: value, ChecksumType: 'FULL_OBJECT' });
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: algorithm }));
    expect(await Body?.transformToString()).toBe('123456789');
  });

  it('refuses the body if it differs, and stores nothing', async () => {
    const refusal = await refusalOf(
      put(`wrong-${algorithm}`, { [member]: Buffer.from(wrong).toString('base64') }),
    );
    expect(refusal).toMatchObject({ name: 'BadDigest', status: 400 });
    expect(await versionsOf(`wrong-${algorithm}`)).toEqual([]);
  });

  it('is refused if malformed', async () => {
    const refusal = await refusalOf(put('malformed', { [member]: 'AAA=' }));
    expect(refusal).toMatchObject({ name: 'InvalidRequest', status: 400 });
  });
});

it('computes a CRC64NVME checksum if the uploader chose none', async () => {
  const answer = await putRaw('unchosen', {}, '123456789');
  const stored = {
    'x-amz-checksum-crc64nvme': CHECK_VALUES['CRC64NVME'],
    'x-amz-checksum-type': 'FULL_OBJECT',
  };
  expect(answer).toMatchObject({ status: 200, headers: stored });
  const path = `/${Bucket}/unchosen`;
  const asked = await rawRequest(s3.endpoint, { path, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  expect(asked.headers).toMatchObject(stored);
  const unasked = await rawRequest(s3.endpoint, { path });
  expect(unasked.headers).not.toHaveProperty('x-amz-checksum-crc64nvme');
});

it.each(['CRC32', 'SHA256'])('verifies a %s checksum that the SDK sends as a trailer', async (algorithm) => {
  const Key = `trailer-${algorithm}`;
  await put(Key, {
    Body: Readable.from([Buffer.from('12345'), Buffer.from('6789')]),
    ContentLength: 9,
    ChecksumAlgorithm: algorithm as ChecksumAlgorithm,
  });
  const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({ ContentLength: 9, [`Checksum${algorithm}`]: CHECK_VALUES[algorithm] });
  expect(head.ContentEncoding).toBeUndefined();
});

describe('an aws-chunked body', () => {
  const unsigned = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '9',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'content-encoding': 'aws-chunked,gzip',
  };
  const coded = (checksum: string) =>
    `5\r\n12345\r\n4\r\n6789\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;

  it('is decoded, and its other content encoding is kept', async () => {
    expect(await putRaw('unsigned', unsigned, coded('y/Q5Jg=='))).toMatchObject({ status: 200 });
    const object = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'unsigned' }));
    expect(object.ContentEncoding).toBe('gzip');
    expect(await object.Body?.transformToString()).toBe('123456789');
  });

  it('is decoded if its chunks are signed', async () => {
    const headers = {
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '9',
    };
    const signature = `;chunk-signature=${'0'.repeat(64)}\r\n`;
    const body = `9${signature}123456789\r\n0${signature}\r\n`;
    expect(await putRaw('signed', headers, body)).toMatchObject({ status: 200 });
    expect(await versionsOf('signed')).toMatchObject([{ Size: 9 }]);
  });

  it.each([
    ['has a wrong checksum behind it', unsigned, coded('AAAAAA=='), 'BadDigest'],
    ['lacks the trailer declared', unsigned, '9\r\n123456789\r\n0\r\n\r\n', 'MalformedTrailerError'],
    ['lacks its last chunk', unsigned, '9\r\n123456789\r\n', 'IncompleteBody'],
    ['has more in a chunk than the chunk says', unsigned, '9\r\n123456789x\r\n0\r\n\r\n', 'IncompleteBody'],
    ['is not so coded', unsigned, '123456789', 'IncompleteBody'],
    [
      'is shorter than declared',
      { ...unsigned, 'x-amz-decoded-content-length': '10' },
      coded('y/Q5Jg=='),
      'IncompleteBody',
    ],
  ])('is refused if it %s', async (_, headers, body, code) => {
    const answer = await putRaw('refused', headers, body);
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(`<Code>${code}</Code>`) });
    expect(await versionsOf('refused')).toEqual([]);
  });
});

it.each([
  ['Content-MD5', { 'content-md5': createHash('md5').update('other').digest('base64') }, 'BadDigest'],
  ['a Content-MD5 that is none', { 'content-md5': 'AAAA' }, 'InvalidDigest'],
  ['x-amz-content-sha256', { 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
  ['two checksums', { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-sha1': 'a' }, 'InvalidRequest'],
  ['an declared checksum that is missing', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
])('refuses a body for %s', async (_, headers, code) => {
  const answer = await putRaw('refused', headers, '123456789');
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(`<Code>${code}</Code>`) });
  expect(await versionsOf('refused')).toEqual([]);
});

it('refuses a body of unknown length', async () => {
  const answer = await rawRequest(s3.endpoint, {
    method: 'PUT',
    path: `/${Bucket}/refused`,
    headers: { 'transfer-encoding': 'chunked' },
    body: 'x',
  });
  expect(answer.status).toBe(411);
});

it('stores nothing if the client disconnects midway', async () => {
  const head = `PUT /${Bucket}/died HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`;
  const before = { files: s3.files().length, events: s3.events.length };
  await sendAndHangUp(s3.endpoint, Buffer.concat([Buffer.from(head), Buffer.alloc(500_000)]));
  await sleep(50);
  for (const end = Date.now() + 5_000; s3.files().length > before.files && Date.now() < end;) await sleep(20);
  expect(await versionsOf('died')).toEqual([]);
  expect(s3.files()).toHaveLength(before.files);
  expect(s3.events).toHaveLength(before.events);
});

it('keeps the connection usable after refusing a large body', async () => {
  const client = s3.connect({ requestHandler: { httpAgent: { maxSockets: 1 } } });
  const Body = Buffer.alloc(5_000_000);
  const request = client.send(new PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body }));
  expect(await refusalOf(request)).toMatchObject({ name: 'NoSuchBucket' });
  await expect(client.send(new PutObjectCommand({ Bucket, Key: 'next', Body: 'x' }))).resolves.toBeDefined();
});

it('keeps the connection usable after refusing a body midway', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '5000000',
  };
  const body = Buffer.concat([Buffer.from('186a0\r\n'), Buffer.alloc(5_000_000)]);
  const target = { method: 'PUT', path: `/${Bucket}/halfway`, agent };
  expect(await rawRequest(s3.endpoint, { ...target, headers, body })).toMatchObject({ status: 400 });
  expect(await rawRequest(s3.endpoint, { ...target, body: 'x' })).toMatchObject({ status: 200 });
  agent.destroy();
});
