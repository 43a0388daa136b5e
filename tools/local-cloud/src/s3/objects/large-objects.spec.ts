import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { liveMemory } from '@data-aggregator/shared-processing/testing';
import { s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const MIB = 1024 * 1024;
const SIZE = 180 * MIB;
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

/** The server frees space once it has noticed the end of a response. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition(); await sleep(20)) {
    if (Date.now() > end) throw new Error('the condition never became true');
  }
}

/** Tells how much more memory is in use than at its creation, at most, in bytes. Client and server are one process. */
function memoryGrowth() {
  const before = liveMemory();
  let greatest = 0;
  const sample = () => (greatest = Math.max(greatest, liveMemory() - before));
  return {
    sample,
    /** Samples while `work` runs; more and more rarely, because the server waits for each garbage collection. */
    async sampleDuring<T>(work: Promise<T>): Promise<T> {
      let isRunning = true;
      const done = work.finally(() => (isRunning = false));
      for (let wait = 20; isRunning; wait *= 2) {
        await Promise.race([done, sleep(wait)]);
        if (isRunning) sample();
      }
      return done;
    },
    greatest: () => greatest,
  };
}

it('are written and read without being held in memory', async () => {
  const target = { Bucket: 'versioned', Key: 'large' };
  const chunk = Buffer.alloc(MIB, 'some bytes, ');
  const growth = memoryGrowth();
  let sent = 0;
  const body = function* () {
    for (let count = 0; count < SIZE / MIB; count++) {
      sent = crc32(chunk, sent);
      if (count % 30 === 29) growth.sample();
      yield chunk;
    }
  };
  await s3.client.send(new PutObjectCommand({ ...target, Body: Readable.from(body()), ContentLength: SIZE }));
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  let received = 0;
  let size = 0;
  let nextSample = 30 * MIB;
  for await (const piece of Body as AsyncIterable<Buffer>) {
    received = crc32(piece, received);
    size += piece.length;
    if (size < nextSample) continue;
    growth.sample();
    nextSample += 30 * MIB;
  }
  expect(received).toBe(sent);
  expect(growth.greatest()).toBeLessThan(30 * MIB);
}, 60_000);

it('are copied by ranges without being held in memory', async () => {
  const source = { Bucket: 'versioned', Key: 'large' };
  const target = { Bucket: 'plain', Key: 'copied' };
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(target));
  const Parts: CompletedPart[] = [];
  const growth = memoryGrowth();
  for (const [index, first] of [0, SIZE / 3].entries()) {
    const last = index === 0 ? SIZE / 3 - 1 : SIZE - 1;
    const copying = new UploadPartCopyCommand({
      ...target,
      UploadId,
      PartNumber: index + 1,
      CopySource: `${source.Bucket}/${source.Key}`,
      CopySourceRange: `bytes=${first}-${last}`,
    });
    const { CopyPartResult } = await growth.sampleDuring(s3.client.send(copying));
    Parts.push({ PartNumber: index + 1, ETag: CopyPartResult?.ETag });
  }
  await s3.client.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
  );
  const crc = async (object: typeof source) => {
    const { Body } = await s3.client.send(new GetObjectCommand(object));
    let sum = 0;
    for await (const piece of Body as Readable) sum = crc32(piece, sum);
    return sum;
  };
  expect(await crc(target)).toBe(await crc(source));
  expect(growth.greatest()).toBeLessThan(30 * MIB);
}, 60_000);

it('can be read to the end after being deleted', async () => {
  const target = { Bucket: 'plain', Key: 'read' };
  const part = Buffer.alloc(5 * MIB, 'y');
  const before = s3.files().length;
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(target));
  const Parts: CompletedPart[] = [];
  for (const PartNumber of [1, 2, 3]) {
    const uploading = new UploadPartCommand({ ...target, UploadId, PartNumber, Body: part });
    Parts.push({ PartNumber, ETag: (await s3.client.send(uploading)).ETag });
  }
  const MultipartUpload = { Parts };
  await s3.client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  await s3.client.send(new DeleteObjectCommand(target));
  expect(await Body?.transformToByteArray()).toHaveLength(3 * part.length);
  await until(() => s3.files().length === before);
});

it('are released if the client disconnects within the body', async () => {
  const target = { Bucket: 'plain', Key: 'left' };
  await s3.client.send(new PutObjectCommand({ ...target, Body: Buffer.alloc(8 * MIB, 'z') }));
  const files = s3.files().length;
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  (Body as Readable).on('error', () => undefined).destroy();
  await s3.client.send(new DeleteObjectCommand(target));
  await until(() => s3.files().length === files - 1);
});
