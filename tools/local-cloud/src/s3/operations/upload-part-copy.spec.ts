import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { checkCopySize } from '../objects/copy-source.ts';
import type { Fault } from '../faults.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const MIN_PART_BYTES = 10;
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
let s3: S3UnderTest;
let fault: Fault | undefined;
let versions: (string | undefined)[];
beforeAll(async () => {
  const before = ({ operation }: { operation: string }) =>
    operation === 'UploadPartCopy' ? fault : undefined;
  s3 = await s3UnderTest({ minPartBytes: MIN_PART_BYTES, faults: { before } });
  const put = (Key: string, Body: string | Buffer) =>
    s3.client.send(new PutObjectCommand({ Bucket: 'versioned', Key, Body }));
  versions = [(await put('source', 'an older version')).VersionId, (await put('source', bytes)).VersionId];
  await put('as small as a part', Buffer.alloc(MIN_PART_BYTES));
  await put('a larger one', Buffer.alloc(MIN_PART_BYTES + 1));
});
afterEach(() => {
  fault = undefined;
});
afterAll(() => s3.stop());

const create = async (Key: string, input: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const request = new CreateMultipartUploadCommand({ Bucket: 'plain', Key, ...input });
  const { UploadId } = await s3.client.send(request);
  return { Bucket: 'plain', Key, UploadId };
};
type Target = Awaited<ReturnType<typeof create>>;
const copy = (target: Target, PartNumber: number, input: Partial<UploadPartCopyCommandInput> = {}) =>
  s3.client.send(
    new UploadPartCopyCommand({ ...target, PartNumber, CopySource: 'versioned/source', ...input }),
  );
const part = async (target: Target, PartNumber: number, CopySourceRange?: string) => {
  const { CopyPartResult } = await copy(target, PartNumber, { CopySourceRange });
  return { PartNumber, ...CopyPartResult };
};
const complete = (target: Target, Parts: CompletedPart[]) =>
  s3.client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
const bytesOf = async (Bucket: string, Key: string) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

it('assembles an object from ranges of another, in memory and on disk', async () => {
  const target = await create('ranges');
  const parts = [
    await part(target, 1, 'bytes=0-99999'),
    await part(target, 2, 'bytes=100000-100009'),
    await part(target, 7, 'bytes=100010-199999'),
  ];
  await complete(target, parts);
  expect((await bytesOf('plain', 'ranges')).equals(bytes)).toBe(true);
});

it('copies the whole source without a range, and ranges across parts of a multipart source', async () => {
  const first = await create('joined');
  await complete(first, [await part(first, 1), await part(first, 2)]);
  const second = await create('across');
  const across = { CopySource: 'plain/joined', CopySourceRange: 'bytes=199990-200009' };
  const { CopyPartResult } = await copy(second, 1, across);
  await complete(second, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  const expected = Buffer.concat([bytes.subarray(-10), bytes.subarray(0, 10)]);
  expect((await bytesOf('plain', 'across')).equals(expected)).toBe(true);
});

it('copies the named version and returns its id', async () => {
  const target = await create('version');
  expect((await copy(target, 1)).CopySourceVersionId).toBe(versions[1]);
  const older = await copy(target, 1, { CopySource: `versioned/source?versionId=${versions[0]}` });
  expect(older.CopySourceVersionId).toBe(versions[0]);
  await complete(target, [{ PartNumber: 1, ETag: older.CopyPartResult?.ETag }]);
  expect(String(await bytesOf('plain', 'version'))).toBe('an older version');
});

it("computes the upload's checksum algorithm", async () => {
  const target = await create('checked', { ChecksumAlgorithm: 'SHA256' });
  const first = await part(target, 1, 'bytes=0-99');
  expect(Buffer.from(first.ChecksumSHA256 ?? '', 'base64')).toHaveLength(32);
  expect(first.LastModified).toBeInstanceOf(Date);
  const completed = await complete(target, [first]);
  expect(completed.ChecksumSHA256).toMatch(/-1$/);
});

it.each([
  ['the last byte before the first', 'bytes=9-3', 'InvalidArgument'],
  ['an open end', 'bytes=5-', 'InvalidArgument'],
  ['only a length', 'bytes=-5', 'InvalidArgument'],
  ['several ranges', 'bytes=0-1,3-4', 'InvalidArgument'],
  ['another unit', 'parts=0-1', 'InvalidArgument'],
  ['a last byte after the end', `bytes=0-${bytes.length}`, 'InvalidArgument'],
])('refuses a range with %s', async (_, CopySourceRange, name) => {
  const refusal = await refusalOf(copy(await create('refused'), 1, { CopySourceRange }));
  expect(refusal).toMatchObject({ name, status: 400 });
});

it('copies by range only from sources larger than the minimum part size', async () => {
  const target = await create('small');
  const range = (CopySource: string) => copy(target, 1, { CopySource, CopySourceRange: 'bytes=0-4' });
  expect(await refusalOf(range('versioned/as small as a part'))).toMatchObject({ name: 'InvalidRequest' });
  await range('versioned/a larger one');
  await copy(target, 1, { CopySource: 'versioned/as small as a part' });
});

it('copies at most 5 GiB per call', () => {
  expect(() => checkCopySize(5 * 1024 ** 3)).not.toThrow();
  expect(() => checkCopySize(5 * 1024 ** 3 + 1)).toThrow('copy source: 5368709120');
});

const past = new Date(Date.now() - 60_000);
const future = new Date(Date.now() + 60_000);
it.each<[string, Partial<UploadPartCopyCommandInput>, boolean]>([
  ['If-Match with another entity tag', { CopySourceIfMatch: '"other"' }, false],
  ['If-None-Match with another entity tag', { CopySourceIfNoneMatch: '"other"' }, true],
  ['If-Modified-Since an earlier time', { CopySourceIfModifiedSince: past }, true],
  ['If-Modified-Since a later time', { CopySourceIfModifiedSince: future }, false],
  ['If-Unmodified-Since an earlier time', { CopySourceIfUnmodifiedSince: past }, false],
  ['If-Unmodified-Since a later time', { CopySourceIfUnmodifiedSince: future }, true],
])('%s', async (_, condition, holds) => {
  const request = copy(await create('conditional'), 1, condition);
  if (holds) await expect(request).resolves.toHaveProperty('CopyPartResult.ETag');
  else expect(await refusalOf(request)).toMatchObject({ name: 'PreconditionFailed', status: 412 });
});

it.each([
  ['a missing source', { CopySource: 'versioned/nothing' }, 'NoSuchKey', 404],
  ['a missing bucket', { CopySource: 'nowhere/source' }, 'NoSuchBucket', 404],
  ['a missing version', { CopySource: 'versioned/source?versionId=x' }, 'NoSuchVersion', 404],
  ['a missing upload', { UploadId: 'none' }, 'NoSuchUpload', 404],
  ['another owner of the source', { ExpectedSourceBucketOwner: '111122223333' }, 'AccessDenied', 403],
  ['an invalid part number', { PartNumber: 10_001 }, 'InvalidArgument', 400],
])('refuses %s', async (_, input, name, status) => {
  expect(await refusalOf(copy(await create('refused'), 1, input))).toMatchObject({ name, status });
});

it('refuses a delete marker named by version id', async () => {
  const { VersionId } = await s3.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'marked' }));
  const CopySource = `versioned/marked?versionId=${VersionId}`;
  const request = copy(await create('refused'), 1, { CopySource });
  expect(await refusalOf(request)).toMatchObject({ name: 'InvalidRequest', status: 400 });
});

it('stores nothing of its own, and is independent of its source', async () => {
  const own = { Bucket: 'plain', Key: 'source of a copy' };
  await s3.client.send(new PutObjectCommand({ ...own, Body: bytes }));
  const files = s3.files().length;
  const target = await create('independent');
  const CopySource = 'plain/source of a copy';
  const { CopyPartResult } = await copy(target, 1, { CopySource, CopySourceRange: 'bytes=100-199999' });
  await s3.client.send(new DeleteObjectCommand(own));
  await complete(target, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  expect((await bytesOf('plain', 'independent')).equals(bytes.subarray(100))).toBe(true);
  expect(s3.files()).toHaveLength(files);
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'independent' }));
  expect(s3.files()).toHaveLength(files - 1);
});

it('has an entity tag that depends only on the bytes', async () => {
  const target = await create('tags');
  const [one, same, other] = [
    await part(target, 1, 'bytes=0-250'),
    await part(target, 2, 'bytes=251-501'),
    await part(target, 3, 'bytes=1-251'),
  ];
  expect(one.ETag).toMatch(/^"[0-9a-f]{32}"$/);
  expect(same.ETag).toBe(one.ETag);
  expect(other.ETag).not.toBe(one.ETag);
});

it('frees the space of a copy whose upload was aborted meanwhile', async () => {
  const own = { Bucket: 'plain', Key: 'source of an aborted copy' };
  await s3.client.send(new PutObjectCommand({ ...own, Body: bytes }));
  const files = s3.files().length;
  const target = await create('aborted');
  fault = { lateEffectMs: 100 };
  await expect(copy(target, 1, { CopySource: `plain/${own.Key}` })).rejects.toThrow();
  await s3.client.send(new DeleteObjectCommand(own));
  expect(s3.files()).toHaveLength(files);
  await s3.client.send(new AbortMultipartUploadCommand(target));
  await sleep(150);
  expect(s3.files()).toHaveLength(files - 1);
});
