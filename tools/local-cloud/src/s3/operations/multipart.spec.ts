import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Fault } from '../faults.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
let fault: Fault | undefined;
beforeAll(async () => {
  const before = ({ operation }: { operation: string }) =>
    operation === 'CompleteMultipartUpload' ? fault : undefined;
  s3 = await s3UnderTest({ minPartBytes: 10, faults: { before } });
});
afterAll(() => s3.stop());

const create = async (Key: string, input: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
  return { Bucket, Key, UploadId };
};
type Target = Awaited<ReturnType<typeof create>>;
const upload = async (
  target: Target,
  PartNumber: number,
  Body: string | Buffer,
  algorithm?: ChecksumAlgorithm,
) => {
  const input = { ...target, PartNumber, Body, ...(algorithm ? { ChecksumAlgorithm: algorithm } : {}) };
  const { ETag, ChecksumCRC32 } = await s3.client.send(new UploadPartCommand(input));
  return { PartNumber, ETag, ChecksumCRC32 };
};
const complete = (target: Target, Parts: CompletedPart[], more = {}) =>
  s3.client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...more }));
const bytesOf = async (Key: string, Range?: string) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};
const md5 = (bytes: string | Buffer) => createHash('md5').update(bytes).digest();

it('joins parts uploaded in any order into one object that appears atomically', async () => {
  const target = await create('joined', { Metadata: { from: 'parts' }, ContentType: 'text/plain' });
  const second = await upload(target, 2, 'the second part');
  const first = await upload(target, 1, 'the first part; ');
  expect(await refusalOf(bytesOf('joined'))).toMatchObject({ name: 'NoSuchKey' });
  const { ETag, VersionId } = await complete(target, [first, second]);
  const both = Buffer.concat([md5('the first part; '), md5('the second part')]);
  expect(ETag).toBe(`"${md5(both).toString('hex')}-2"`);
  expect(VersionId).toEqual(expect.any(String));
  expect(String(await bytesOf('joined'))).toBe('the first part; the second part');
  expect(await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'joined' }))).toMatchObject({
    ContentType: 'text/plain',
    Metadata: { from: 'parts' },
    ETag,
  });
  expect(s3.events.at(-1)).toMatchObject({ name: 'ObjectCreated:CompleteMultipartUpload', size: 31 });
  expect(await refusalOf(complete(target, [first, second]))).toMatchObject({
    name: 'NoSuchUpload',
    status: 404,
  });
});

it('joins many parts in memory and on disk, and reads across their boundaries', async () => {
  const target = await create('many');
  const whole = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  const borders = Array.from({ length: 200 }, (_, index) => index * 100);
  const bodies = borders.map((start, index) => whole.subarray(start, borders[index + 1] ?? whole.length));
  const parts: CompletedPart[] = [];
  for (const [index, body] of bodies.entries()) parts.push(await upload(target, index * 3 + 1, body));
  await complete(target, parts);
  expect((await bytesOf('many')).equals(whole)).toBe(true);
  expect((await bytesOf('many', 'bytes=150-19950')).equals(whole.subarray(150, 19951))).toBe(true);
  expect((await bytesOf('many', 'bytes=-10')).equals(whole.subarray(-10))).toBe(true);
});

it('uses the last upload of a part, and drops unlisted parts', async () => {
  const before = s3.files().length;
  const large = (fill: string) => Buffer.alloc(100_000, fill);
  const target = await create('replaced');
  await upload(target, 1, large('a'));
  const first = await upload(target, 1, large('b'));
  await upload(target, 2, large('c'));
  await complete(target, [first]);
  expect((await bytesOf('replaced')).equals(large('b'))).toBe(true);
  expect(s3.files()).toHaveLength(before + 1);
});

it('frees the space of an aborted upload', async () => {
  const before = s3.files().length;
  const target = await create('aborted');
  const part = await upload(target, 1, Buffer.alloc(100_000, 'x'));
  await s3.client.send(new AbortMultipartUploadCommand(target));
  expect(s3.files()).toHaveLength(before);
  expect(await refusalOf(complete(target, [part]))).toMatchObject({ name: 'NoSuchUpload' });
  expect(await refusalOf(upload(target, 1, 'late'))).toMatchObject({ name: 'NoSuchUpload' });
});

describe('completing is refused', () => {
  let target: Target;
  let parts: [CompletedPart, CompletedPart, CompletedPart];
  beforeAll(async () => {
    target = await create('refused');
    parts = [
      await upload(target, 1, 'long enough'),
      await upload(target, 2, 'short'),
      await upload(target, 3, 'last'),
    ];
  });

  it.each([
    ['in another order', () => [parts[1], parts[0]], 'InvalidPartOrder'],
    ['with a part that was not uploaded', () => [parts[0], { PartNumber: 9, ETag: '"a"' }], 'InvalidPart'],
    ['with another entity tag', () => [{ ...parts[0], ETag: parts[1].ETag }], 'InvalidPart'],
    ['with another checksum', () => [{ ...parts[0], ChecksumCRC32: parts[1].ChecksumCRC32 }], 'InvalidPart'],
    ['with a part too small before the last', () => parts, 'EntityTooSmall'],
  ])('%s', async (_, listed, name) => {
    expect(await refusalOf(complete(target, listed()))).toMatchObject({ name, status: 400 });
  });

  it('if its condition fails, and can be retried', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'refused', Body: 'here already' }));
    const once = complete(target, [parts[0], parts[2]], { IfNoneMatch: '*' });
    expect(await refusalOf(once)).toMatchObject({ name: 'PreconditionFailed', status: 412 });
    await complete(target, [parts[0], parts[2]]);
    expect(String(await bytesOf('refused'))).toBe('long enoughlast');
  });

  it('if the object has another size than declared', async () => {
    const other = await create('sized');
    const part = await upload(other, 1, 'nine byte');
    expect(await refusalOf(complete(other, [part], { MpuObjectSize: 10 }))).toMatchObject({
      name: 'InvalidRequest',
      status: 400,
    });
    await complete(other, [part], { MpuObjectSize: 9 });
  });
});

describe('a conditional completion during which the object is deleted', () => {
  it('is refused as a conflict, and gives up the upload', async () => {
    const before = s3.files().length;
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'conflict', Body: 'in the way' }));
    const target = await create('conflict');
    const part = await upload(target, 1, Buffer.alloc(100_000, 'x'));
    fault = { lateEffectMs: 100 };
    await expect(complete(target, [part], { IfNoneMatch: '*' })).rejects.toThrow();
    fault = undefined;
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'conflict' }));
    await sleep(150);
    expect(await refusalOf(bytesOf('conflict'))).toMatchObject({ name: 'NoSuchKey' });
    expect(await refusalOf(complete(target, [part]))).toMatchObject({ name: 'NoSuchUpload' });
    expect(s3.files()).toHaveLength(before);
  });
});

it('refuses an abort while the upload is being completed', async () => {
  const target = await create('raced');
  const part = await upload(target, 1, 'first');
  const abort = () => s3.client.send(new AbortMultipartUploadCommand(target));
  fault = { lateEffectMs: 200 };
  await expect(complete(target, [part])).rejects.toThrow();
  fault = undefined;
  expect(await refusalOf(abort())).toMatchObject({ name: 'OperationAborted', status: 409 });
  await sleep(250);
  expect(await refusalOf(abort())).toMatchObject({ name: 'NoSuchUpload' });
  expect(await bytesOf('raced')).toEqual(Buffer.from('first'));
});

it('refuses an invalid part number', async () => {
  const target = await create('numbers');
  for (const number of [0, 10_001]) {
    expect(await refusalOf(upload(target, number, 'x'))).toMatchObject({ name: 'InvalidArgument' });
  }
});

describe('the checksum of a multipart object', () => {
  const base64 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes.toString('base64');
  };
  const make = async (Key: string, type: ChecksumType, more = {}) => {
    const target = await create(Key, { ChecksumAlgorithm: 'CRC32', ChecksumType: type });
    const parts = [
      await upload(target, 1, 'the first part; ', 'CRC32'),
      await upload(target, 2, 'the second', 'CRC32'),
    ];
    return complete(target, parts, more);
  };
  const whole = base64(crc32('the first part; the second'));

  it('is a full-object CRC64NVME if the uploader chose none', async () => {
    const client = s3.connect({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const target = { Bucket, Key: 'unchosen' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const part = { ...target, UploadId, PartNumber: 1, Body: '123456789' };
    const { ETag } = await client.send(new UploadPartCommand(part));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const expected = {
      ChecksumCRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
      ChecksumType: 'FULL_OBJECT',
    };
    expect(
      await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload })),
    ).toMatchObject(expected);
    expect(await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }))).toMatchObject(
      expected,
    );
  });

  it('is composite, of the checksums of the parts', async () => {
    const concatenated = ['the first part; ', 'the second'].map((text) =>
      Buffer.from(base64(crc32(text)), 'base64'),
    );
    const ChecksumCRC32 = `${base64(crc32(Buffer.concat(concatenated)))}-2`;
    const expected = { ChecksumCRC32, ChecksumType: 'COMPOSITE' };
    expect(await make('composite', 'COMPOSITE')).toMatchObject(expected);
    expect(await make('declared', 'COMPOSITE', { ChecksumCRC32 })).toMatchObject(expected);
  });

  it('covers the full object on request, and is verified', async () => {
    expect(await make('full', 'FULL_OBJECT', { ChecksumCRC32: whole })).toMatchObject({
      ChecksumCRC32: whole,
    });
    expect(await refusalOf(make('wrong', 'FULL_OBJECT', { ChecksumCRC32: base64(1) }))).toMatchObject({
      name: 'BadDigest',
    });
  });

  it('cannot have a type that its algorithm does not support', async () => {
    const request = create('typed', { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' });
    expect(await refusalOf(request)).toMatchObject({ name: 'InvalidRequest' });
  });
});
