import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'plain';
let s3: S3UnderTest;
let versions: (string | undefined)[];
const put = async (Key: string, Body: string | Buffer) => {
  const source = { Bucket: 'versioned', Key, Body, ContentType: 'text/plain', Metadata: { a: '1' } };
  return s3.client.send(new PutObjectCommand({ ...source, Tagging: 't=1', ChecksumAlgorithm: 'SHA256' }));
};
beforeAll(async () => {
  s3 = await s3UnderTest();
  versions = [(await put('source', 'old')).VersionId, (await put('source', 'new')).VersionId];
});
afterAll(() => s3.stop());

const copy = (Key: string, input: Partial<CopyObjectCommandInput> = {}) =>
  s3.client.send(new CopyObjectCommand({ Bucket, Key, CopySource: 'versioned/source', ...input }));
const get = async (Key: string) => {
  const object = await s3.client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  return { ...object, text: await object.Body?.transformToString() };
};

it('copies bytes, metadata, tags and checksum of the latest version', async () => {
  const copied = await copy('copied');
  expect(copied).toMatchObject({
    CopySourceVersionId: versions[1],
    CopyObjectResult: { ETag: expect.any(String), ChecksumSHA256: expect.any(String) },
  });
  expect(await get('copied')).toMatchObject({
    text: 'new',
    ContentType: 'text/plain',
    Metadata: { a: '1' },
    ChecksumSHA256: copied.CopyObjectResult?.ChecksumSHA256,
    TagCount: 1,
  });
  expect(s3.events.at(-1)).toMatchObject({ name: 'ObjectCreated:Copy', bucket: Bucket, key: 'copied' });
});

it('copies the named version', async () => {
  await copy('older', { CopySource: `versioned/source?versionId=${versions[0]}` });
  expect((await get('older')).text).toBe('old');
});

it('replaces metadata and tags on request', async () => {
  await copy('replaced', {
    MetadataDirective: 'REPLACE',
    Metadata: { b: '2' },
    TaggingDirective: 'REPLACE',
    Tagging: 'u=2',
    StorageClass: 'ONEZONE_IA',
  });
  expect(await get('replaced')).toMatchObject({ Metadata: { b: '2' }, StorageClass: 'ONEZONE_IA' });
  const { TagSet } = await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'replaced' }));
  expect(TagSet).toEqual([{ Key: 'u', Value: '2' }]);
});

it('computes another checksum on request', async () => {
  const { CopyObjectResult } = await copy('checked', { ChecksumAlgorithm: 'CRC32C' });
  expect(CopyObjectResult).toMatchObject({ ChecksumCRC32C: expect.any(String) });
  expect(await get('checked')).toMatchObject({ ChecksumCRC32C: CopyObjectResult?.ChecksumCRC32C });
});

it('copies an object from disk', async () => {
  const bytes = Buffer.alloc(1_000_000, 'abcdefg');
  await put('large', bytes);
  await copy('large', { CopySource: 'versioned/large' });
  expect((await get('large')).text).toBe(bytes.toString());
});

it('writes only if its condition holds', async () => {
  await copy('once', { IfNoneMatch: '*' });
  const before = s3.events.length;
  expect(await refusalOf(copy('once', { IfNoneMatch: '*' }))).toMatchObject({ status: 412 });
  expect(s3.events).toHaveLength(before);
});

it.each([
  ['a missing source', { CopySource: 'versioned/nothing' }, 'NoSuchKey'],
  ['a missing version', { CopySource: 'versioned/source?versionId=x' }, 'NoSuchVersion'],
  ['a missing bucket', { CopySource: 'nowhere/source' }, 'NoSuchBucket'],
  ['a source without a key', { CopySource: 'versioned' }, 'InvalidArgument'],
  ['a source that has changed', { CopySourceIfMatch: '"other"' }, 'PreconditionFailed'],
])('refuses %s', async (_, input, name) => {
  expect(await refusalOf(copy('refused', input))).toMatchObject({ name });
});

it('refuses a copy onto itself without changes', async () => {
  const onto = { Bucket: 'versioned' };
  expect(await refusalOf(copy('source', onto))).toMatchObject({ name: 'InvalidRequest' });
  await expect(copy('source', { ...onto, MetadataDirective: 'REPLACE' })).resolves.toBeDefined();
});
