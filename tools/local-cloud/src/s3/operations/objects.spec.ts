import {
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
let now = Date.parse('2026-03-01T12:00:00.789Z');
beforeAll(async () => {
  s3 = await s3UnderTest({ clock: () => now });
});
afterAll(() => s3.stop());

describe('the metadata in a PUT', () => {
  it('is returned by GET and HEAD', async () => {
    await s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'described',
        Body: 'bytes',
        ContentType: 'text/plain; charset=utf-8',
        ContentEncoding: 'gzip',
        ContentDisposition: 'attachment',
        ContentLanguage: 'de',
        CacheControl: 'no-store',
        StorageClass: 'STANDARD_IA',
        Tagging: 'a=1&b=x%26y',
        Metadata: { 'Some-Name': 'a value, with comma', sha256: 'abc' },
      }),
    );
    for (const command of [GetObjectCommand, HeadObjectCommand]) {
      expect(await s3.client.send(new command({ Bucket, Key: 'described' }))).toMatchObject({
        ContentType: 'text/plain; charset=utf-8',
        ContentEncoding: 'gzip',
        ContentDisposition: 'attachment',
        ContentLanguage: 'de',
        CacheControl: 'no-store',
        ContentLength: 5,
        ETag: '"4b3a6218bb3e3a7303e8a171a60fcf92"',
        LastModified: new Date('2026-03-01T12:00:00.000Z'),
        StorageClass: 'STANDARD_IA',
        TagCount: 2,
        Metadata: { 'some-name': 'a value, with comma', sha256: 'abc' },
      });
    }
  });

  it('can be overridden in a signed URL', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'downloaded', Body: 'bytes' }));
    const path = `/${Bucket}/downloaded?response-content-type=text%2Fcsv&X-Amz-Signature=0&X-Amz-Expires=60`;
    const answer = await rawRequest(s3.endpoint, { path });
    expect(answer).toMatchObject({ status: 200, body: 'bytes', headers: { 'content-type': 'text/csv' } });
  });

  it('can come from the query of a signed URL', async () => {
    const path = `/${Bucket}/signed?X-Amz-Signature=0&x-id=PutObject&x-amz-meta-a=b&X-Amz-Storage-Class=GLACIER_IR`;
    const put = { method: 'PUT', path, body: 'bytes' };
    expect(await rawRequest(s3.endpoint, put)).toMatchObject({ status: 200 });
    expect(await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'signed' }))).toMatchObject({
      Metadata: { a: 'b' },
      StorageClass: 'GLACIER_IR',
    });
    const locked = { ...put, path: `${path}&x-amz-object-lock-mode=GOVERNANCE` };
    expect(await rawRequest(s3.endpoint, locked)).toMatchObject({ status: 501 });
  });

  it.each([
    ['response-content-disposition=attachment%3B%20filename%3D%E5%B1%B1'],
    ['response-content-type=a%0D%0Ab%3A%20c'],
    ['x-amz-meta-a=%E5%B1%B1'],
    ['versionId='],
    ['versionId=a%0Ab'],
  ])('refuses ?%s', async (query) => {
    const answer = await rawRequest(s3.endpoint, { path: `/${Bucket}/described?${query}` });
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringContaining('<Code>InvalidArgument</Code>'),
    });
  });

  it.each([
    ['an unknown storage class', { 'x-amz-storage-class': 'ATTIC' }, 'InvalidStorageClass'],
    ['more than 2 KB of metadata', { 'x-amz-meta-a': 'x'.repeat(2048) }, 'MetadataTooLarge'],
    ['one tag twice', { 'x-amz-tagging': 'a=1&a=2' }, 'InvalidTag'],
  ])('is refused: %s', async (_, headers, code) => {
    const answer = await rawRequest(s3.endpoint, {
      method: 'PUT',
      path: `/${Bucket}/refused`,
      headers,
      body: '',
    });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(`<Code>${code}</Code>`) });
  });
});

describe('ranges', () => {
  const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const get = (Key: string, Range: string) => s3.client.send(new GetObjectCommand({ Bucket, Key, Range }));
  beforeAll(async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'small', Body: '0123456789' }));
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'large', Body: large }));
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));
  });

  it.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=5-1000', '56789', 'bytes 5-9/10'],
  ])('%s returns a part', async (range, text, ContentRange) => {
    const part = await get('small', range);
    expect(part).toMatchObject({
      ContentRange,
      ContentLength: text.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await part.Body?.transformToString()).toBe(text);
  });

  it('return a part of an object on disk', async () => {
    const part = await get('large', 'bytes=123456-234567');
    expect(await part.Body?.transformToByteArray()).toEqual(new Uint8Array(large.subarray(123456, 234568)));
  });

  it.each([
    ['small', 'bytes=10-'],
    ['small', 'bytes=-0'],
    ['empty', 'bytes=0-'],
  ])('for %s: %s is not satisfiable', async (Key, range) => {
    expect(await refusalOf(get(Key, range))).toMatchObject({ name: 'InvalidRange', status: 416 });
  });

  it.each(['bytes=5-2', 'lines=1-2', 'bytes=-'])('%s is ignored', async (range) => {
    expect(await get('small', range)).toMatchObject({
      ContentLength: 10,
      $metadata: { httpStatusCode: 200 },
    });
  });
});

it('changes the tags of a version', async () => {
  const target = { Bucket, Key: 'tagged' };
  await s3.client.send(new PutObjectCommand({ ...target, Body: 'bytes', Tagging: 'a=1' }));
  const TagSet = [
    { Key: 'state', Value: 'seen & <done>' },
    { Key: 'empty', Value: '' },
  ];
  await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
  expect((await s3.client.send(new GetObjectTaggingCommand(target))).TagSet).toEqual(TagSet);
  const { Body } = await s3.client.send(new GetObjectCommand(target));
  expect(await Body?.transformToString()).toBe('bytes');
  await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet: [] } }));
  expect((await s3.client.send(new GetObjectTaggingCommand(target))).TagSet).toEqual([]);
});

it('removes the tags of one version, and leaves its content and other versions unchanged', async () => {
  const target = { Bucket: 'versioned', Key: 'untagged' };
  const put = (Body: string) => s3.client.send(new PutObjectCommand({ ...target, Body, Tagging: 'a=1' }));
  const older = { ...target, VersionId: (await put('older')).VersionId };
  await put('newer');
  const tagsOf = async (object: typeof target) =>
    (await s3.client.send(new GetObjectTaggingCommand(object))).TagSet;
  const removed = await s3.client.send(new DeleteObjectTaggingCommand(older));
  expect(removed).toMatchObject({ VersionId: older.VersionId, $metadata: { httpStatusCode: 204 } });
  expect([await tagsOf(older), await tagsOf(target)]).toEqual([[], [{ Key: 'a', Value: '1' }]]);
  await s3.client.send(new DeleteObjectTaggingCommand(target));
  expect(await tagsOf(target)).toEqual([]);
  const found = await s3.client.send(new GetObjectCommand(target));
  expect(found.TagCount).toBeUndefined();
  expect(await found.Body?.transformToString()).toBe('newer');
  const missing = new DeleteObjectTaggingCommand({ ...target, Key: 'never' });
  expect(await refusalOf(s3.client.send(missing))).toMatchObject({ name: 'NoSuchKey' });
});

it('stores an empty object if there is no body', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'folder/' }));
  const { Body, ContentLength } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'folder/' }));
  expect([ContentLength, await Body?.transformToString()]).toEqual([0, '']);
});

it('uses the given clock', async () => {
  now = Date.parse('2027-01-01T00:00:00.001Z');
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'later', Body: '' }));
  const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'later' }));
  expect(head.LastModified).toEqual(new Date('2027-01-01T00:00:00Z'));
});
