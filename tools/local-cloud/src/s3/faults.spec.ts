import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Fault, FaultCall } from './faults.ts';
import { createS3 } from './s3.ts';
import { sendAndHangUp } from './testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from './testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
let next: Fault | undefined;
let seen: FaultCall[] = [];
beforeAll(async () => {
  const before = (call: FaultCall) => {
    seen.push(call);
    const fault = next;
    next = undefined;
    return fault;
  };
  s3 = await s3UnderTest({ faults: { before } });
});
beforeEach(() => {
  next = undefined;
  seen = [];
});
afterAll(() => s3.stop());

const put = (Key: string, Body: string | Buffer = 'bytes') =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (Key: string) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
};
const exists = (Key: string) =>
  s3.client.send(new HeadObjectCommand({ Bucket, Key })).then(
    () => true,
    () => false,
  );

it('refuses with status 200 and an error in the body, without an effect', async () => {
  await put('source');
  next = { status: 200, code: 'InternalError' };
  const CopySource = `${Bucket}/source`;
  const copying = s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copied in error', CopySource }));
  await expect(copying).rejects.toMatchObject({ name: 'InternalError' });
  expect(await exists('copied in error')).toBe(false);
});

it('refuses a conditional write as a conflict, without an effect', async () => {
  next = { status: 409, code: 'ConditionalRequestConflict' };
  expect(await refusalOf(put('conflict'))).toMatchObject({ name: 'ConditionalRequestConflict', status: 409 });
  expect(await exists('conflict')).toBe(false);
});

it('stops in the middle of a body, and keeps the connection open until the client closes it', async () => {
  await put('stalled', 'some bytes');
  next = { stallBodyAfterBytes: 4 };
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'stalled' }));
  const body = Body as Readable;
  const chunks: Buffer[] = [];
  body.on('data', (chunk: Buffer) => chunks.push(chunk));
  await sleep(300);
  expect(Buffer.concat(chunks).toString()).toBe('some');
  expect(body.readableEnded || body.destroyed).toBe(false);
  body.destroy();
});

it('calls the hook before each request', async () => {
  await put('asked');
  const accessKeyId = 'AKTEST';
  expect(seen).toEqual([
    { operation: 'PutObject', bucket: Bucket, key: 'asked', versionId: undefined, accessKeyId },
  ]);
});

it('delays the response', async () => {
  next = { delayMs: 60 };
  const start = performance.now();
  await put('delayed');
  expect(performance.now() - start).toBeGreaterThanOrEqual(55);
});

it.each([
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'SlowDown' },
] as const)('refuses with $status $code and does nothing', async (fault) => {
  next = fault;
  expect(await refusalOf(put(fault.code))).toMatchObject({ name: fault.code, status: fault.status });
  expect(await exists(fault.code)).toBe(false);
});

it('breaks the connection before the request takes effect', async () => {
  next = { cutBeforeEffect: true };
  await expect(put('cut-before')).rejects.toThrow('socket hang up');
  expect(await exists('cut-before')).toBe(false);
});

it('performs the request but loses the response', async () => {
  next = { cutAfterEffect: true };
  await expect(put('cut-after')).rejects.toThrow('socket hang up');
  expect(await get('cut-after')).toBe('bytes');
  expect(s3.events.at(-1)?.key).toBe('cut-after');
});

it('breaks the connection, and the request takes effect later', async () => {
  next = { lateEffectMs: 60 };
  await expect(put('late')).rejects.toThrow('socket hang up');
  expect(await exists('late')).toBe(false);
  await sleep(100);
  expect(await get('late')).toBe('bytes');
});

it.each([
  ['small', 1000],
  ['large', 1_000_000],
])('breaks the connection within the body of a %s object', async (Key, size) => {
  await put(Key, Buffer.alloc(size, 'x'));
  next = { cutBodyAfterBytes: 500 };
  const { Body, ContentLength } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(ContentLength).toBe(size);
  await expect(Body?.transformToString()).rejects.toThrow();
  expect((await get(Key))?.length).toBe(size);
});

it.each([
  ['small', 1000, 4_321],
  ['large', 1_000_000, 6_543_210],
  ['small', 1000, Infinity],
])('flips one bit of the body of a %s object', async (Key, size, bit) => {
  const content = Buffer.alloc(size, 'x');
  await put(Key, content);
  next = { flipBodyBit: bit };
  // By default the SDK detects it.
  const trusting = s3.connect({ responseChecksumValidation: 'WHEN_REQUIRED' });
  const { Body } = await trusting.send(new GetObjectCommand({ Bucket, Key }));
  const received = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const position = Math.min(bit, size * 8 - 1);
  const byte = Math.floor(position / 8);
  expect(received.length).toBe(size);
  expect(received[byte]).toBe((content[byte] ?? 0) ^ (1 << (position % 8)));
  content.copy(received, byte, byte, byte + 1);
  expect(received.equals(content)).toBe(true);
  expect((await get(Key))?.length).toBe(size);
});

it('a request ends if its client disconnects', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'local-s3-'));
  const hungUp = createS3({ dataDir, faults: { before: () => ({ delayMs: 60 }) } });
  const handled: Promise<void>[] = [];
  const server = createServer((req, res) => handled.push(hungUp.handle(req, res)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await sendAndHangUp(`http://127.0.0.1:${port}`, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await sleep(30);
  expect(handled).toHaveLength(1);
  await handled[0];
  server.close();
  hungUp.close();
  rmSync(dataDir, { recursive: true });
});
