import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

const put = (Key: string, condition: Partial<PutObjectCommandInput> = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes', ...condition }));
const get = (Key: string, condition: object) =>
  s3.client.send(new GetObjectCommand({ Bucket, Key, ...condition }));

describe('PUT with If-None-Match: *', () => {
  it('writes if there is no object, otherwise is refused', async () => {
    await put('new', { IfNoneMatch: '*' });
    expect(await refusalOf(put('new', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
  });

  it('is satisfied by a delete marker', async () => {
    await put('taken');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'taken' }));
    await expect(put('taken', { IfNoneMatch: '*' })).resolves.toHaveProperty('VersionId');
  });

  it.each(['raced', 'raced with large bodies'])(
    'lets exactly one of many concurrent writes succeed (%s)',
    async (Key) => {
      const before = { files: s3.files().length, events: s3.events.length };
      const Body = Key === 'raced' ? 'bytes' : Buffer.alloc(200_000, 'x');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => put(Key, { IfNoneMatch: '*', Body })),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(s3.events).toHaveLength(before.events + 1);
      expect(s3.files()).toHaveLength(before.files + (Key === 'raced' ? 0 : 1));
    },
  );

  it('is refused with any other entity tag, as in S3', async () => {
    expect(await refusalOf(put('tagged', { IfNoneMatch: '"abc"' }))).toMatchObject({ status: 501 });
  });
});

describe('PUT with If-Match', () => {
  it('overwrites only the named version', async () => {
    const { ETag } = await put('matched');
    await put('matched', { IfMatch: ETag, Body: 'other bytes' });
    expect(await refusalOf(put('matched', { IfMatch: ETag }))).toMatchObject({ status: 412 });
  });

  it('returns 404 if there is nothing to match', async () => {
    expect(await refusalOf(put('nothing', { IfMatch: '"abc"' }))).toMatchObject({
      name: 'NoSuchKey',
      status: 404,
    });
  });
});

describe('GET and HEAD', () => {
  it('return 412 to If-Match with another entity tag', async () => {
    const { ETag } = await put('read');
    await expect(get('read', { IfMatch: ETag })).resolves.toMatchObject({ ContentLength: 5 });
    expect(await refusalOf(get('read', { IfMatch: '"other"' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
  });

  it('return 304 to If-None-Match with the same entity tag, and to If-Modified-Since the same second', async () => {
    const { ETag } = await put('cached');
    expect(await refusalOf(get('cached', { IfNoneMatch: ETag }))).toMatchObject({
      status: 304,
      headers: { etag: ETag },
    });
    const { LastModified } = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'cached' }));
    expect(await refusalOf(get('cached', { IfModifiedSince: LastModified }))).toMatchObject({ status: 304 });
    await expect(get('cached', { IfNoneMatch: '"other"' })).resolves.toMatchObject({ ContentLength: 5 });
  });

  it('return 412 to If-Unmodified-Since an earlier time', async () => {
    await put('changed');
    const request = get('changed', { IfUnmodifiedSince: new Date('2020-01-01') });
    expect(await refusalOf(request)).toMatchObject({ status: 412 });
  });
});

it('refuses a condition that the operation does not support', async () => {
  await put('kept');
  const request = s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'kept', IfMatch: '"abc"' }));
  expect(await refusalOf(request)).toMatchObject({ name: 'NotImplemented', status: 501 });
});

it('checks a condition after receiving the body, not when the request starts', async () => {
  const Key = 'slow';
  const slow = async function* () {
    yield Buffer.from('by');
    await sleep(50);
    yield Buffer.from('te');
  };
  const { Readable } = await import('node:stream');
  const late = refusalOf(put(Key, { IfNoneMatch: '*', Body: Readable.from(slow()), ContentLength: 4 }));
  await sleep(20);
  await put(Key, { IfNoneMatch: '*' });
  expect(await late).toMatchObject({ status: 412 });
});
