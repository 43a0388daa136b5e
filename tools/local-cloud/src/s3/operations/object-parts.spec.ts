import {
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const PARTS = [
  [1, 'the first part; '],
  [2, 'the second part; '],
  [5, 'the last'],
] as const;
const SIZE = PARTS.reduce((sum, [, text]) => sum + text.length, 0);
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest({ minPartBytes: 10 });
  const target = { Bucket: 'versioned', Key: 'parts' };
  const { UploadId } = await s3.client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }),
  );
  const Parts: CompletedPart[] = [];
  for (const [PartNumber, Body] of PARTS) {
    const input = { ...target, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' } as const;
    Parts.push({ PartNumber, ...(await s3.client.send(new UploadPartCommand(input))) });
  }
  const MultipartUpload = { Parts };
  await s3.client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
  await s3.client.send(new PutObjectCommand({ ...target, Key: 'whole', Body: 'not in parts' }));
  await s3.client.send(new PutObjectCommand({ ...target, Key: 'empty', Body: '' }));
});
afterAll(() => s3.stop());

const input = (Key: string, PartNumber: number) => ({ Bucket: 'versioned', Key, PartNumber });
const head = (Key: string, PartNumber: number) =>
  s3.client.send(new HeadObjectCommand({ ...input(Key, PartNumber), ChecksumMode: 'ENABLED' }));
const get = async (Key: string, PartNumber: number) => {
  const request = new GetObjectCommand({ ...input(Key, PartNumber), ChecksumMode: 'ENABLED' });
  const object = await s3.client.send(request);
  return { ...object, text: await object.Body?.transformToString() };
};

it.each([
  [1, PARTS[0][1], `bytes 0-15/${SIZE}`],
  [2, PARTS[1][1], `bytes 16-32/${SIZE}`],
  [5, PARTS[2][1], `bytes 33-40/${SIZE}`],
])('part %d can be read by number', async (number, text, ContentRange) => {
  const ETag = expect.stringMatching(/-3"$/);
  const described = { PartsCount: 3, ContentRange, ContentLength: text.length, ETag };
  const found = await get('parts', number);
  expect(found).toMatchObject({ ...described, text, $metadata: { httpStatusCode: 206 } });
  const metadata = await head('parts', number);
  expect(metadata).toMatchObject({ ...described, $metadata: { httpStatusCode: 206 } });
  // The part's checksum, not the object's; the SDK has compared it with the bytes.
  expect(metadata.ChecksumCRC32).toHaveLength(8);
  expect(found.ChecksumCRC32).toBe(metadata.ChecksumCRC32);
});

it('an object not uploaded in parts is its own part 1', async () => {
  const found = await get('whole', 1);
  expect(found).toMatchObject({ text: 'not in parts', ContentRange: 'bytes 0-11/12' });
  expect(found.$metadata.httpStatusCode).toBe(206);
  expect(found.PartsCount).toBeUndefined();
  expect(await head('empty', 1)).toMatchObject({ ContentLength: 0 });
});

it.each([
  ['parts', 3],
  ['parts', 6],
  ['whole', 2],
])('%j has no part %d', async (key, number) => {
  expect(await refusalOf(get(key, number))).toMatchObject({ name: 'InvalidPartNumber', status: 416 });
  expect(await refusalOf(head(key, number))).toMatchObject({ status: 416 });
});

it.each(['0', '10001', 'one', ''])('%j is not a valid part number', async (number) => {
  const { status, body } = await rawRequest(s3.endpoint, { path: `/versioned/parts?partNumber=${number}` });
  expect(status).toBe(400);
  expect(body).toContain('<Code>InvalidArgument</Code>');
});

it('a part number and a range are mutually exclusive', async () => {
  const request = new GetObjectCommand({ ...input('parts', 1), Range: 'bytes=0-1' });
  expect(await refusalOf(s3.client.send(request))).toMatchObject({ name: 'InvalidRequest', status: 400 });
});
