import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { s3UnderTest, type S3UnderTest } from './testing/sdk.ts';

const MIB = 1024 * 1024;
const SIZE = 300 * MIB;
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

/** Greatest growth of the memory of this process, client and server alike, while something runs; in bytes. */
async function memoryGrowth(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let greatest = before;
  const timer = setInterval(() => (greatest = Math.max(greatest, process.memoryUsage().rss)), 20);
  await run().finally(() => clearInterval(timer));
  return greatest - before;
}

it('go to disk and back without being held in memory', async () => {
  const target = { Bucket: 'versioned', Key: 'large' };
  const chunk = Buffer.alloc(MIB, 'some bytes, ');
  const sent = createHash('sha256');
  const body = function* () {
    for (let count = 0; count < SIZE / MIB; count++) {
      sent.update(chunk);
      yield chunk;
    }
  };
  const growth = await memoryGrowth(async () => {
    await s3.client.send(
      new PutObjectCommand({ ...target, Body: Readable.from(body()), ContentLength: SIZE }),
    );
    const { Body } = await s3.client.send(new GetObjectCommand(target));
    const received = createHash('sha256');
    for await (const piece of Body as Readable) received.update(piece);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });
  expect(growth).toBeLessThan(150 * MIB);
}, 30_000);

it('can be read to the end while they are deleted', async () => {
  const target = { Bucket: 'plain', Key: 'read' };
  const bytes = Buffer.alloc(8 * MIB, 'y');
  await s3.client.send(new PutObjectCommand({ ...target, Body: bytes }));
  const files = s3.files().length;
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  await s3.client.send(new DeleteObjectCommand(target));
  expect(await Body?.transformToByteArray()).toHaveLength(bytes.length);
  await sleep(20);
  expect(s3.files()).toHaveLength(files - 1);
});

it('are let go where the client hangs up within the body', async () => {
  const target = { Bucket: 'plain', Key: 'left' };
  await s3.client.send(new PutObjectCommand({ ...target, Body: Buffer.alloc(8 * MIB) }));
  const files = s3.files().length;
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  (Body as Readable).on('error', () => undefined).destroy();
  await s3.client.send(new DeleteObjectCommand(target));
  await sleep(100);
  expect(s3.files()).toHaveLength(files - 1);
});
