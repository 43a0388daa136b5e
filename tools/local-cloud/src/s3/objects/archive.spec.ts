import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'plain';
const HOUR = 3_600_000;
let now = Date.parse('2026-03-01T12:00:00Z');
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest({ clock: () => now, restoreDelayMs: 12 * HOUR });
});
afterAll(() => s3.stop());

const put = (Key: string, StorageClass: StorageClass) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes', StorageClass }));
const get = (Key: string) => s3.client.send(new GetObjectCommand({ Bucket, Key }));
const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket, Key }));
const restore = async (Key: string) => {
  const RestoreRequest = { Days: 2, GlacierJobParameters: { Tier: 'Bulk' } } as const;
  const answer = await s3.client.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest }));
  return answer.$metadata.httpStatusCode;
};

describe.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('an object in %s', (storageClass) => {
  it('can be read and copied only between its restore and its expiry', async () => {
    const Key = storageClass;
    await put(Key, storageClass);
    const copy = () =>
      s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` }));
    expect(await refusalOf(get(Key))).toMatchObject({ name: 'InvalidObjectState', status: 403 });
    expect(await refusalOf(copy())).toMatchObject({ name: 'InvalidObjectState', status: 403 });
    expect(await head(Key)).toMatchObject({ StorageClass: storageClass, ContentLength: 5 });

    expect(await restore(Key)).toBe(202);
    expect(await refusalOf(restore(Key))).toMatchObject({ name: 'RestoreAlreadyInProgress', status: 409 });
    expect((await head(Key)).Restore).toBe('ongoing-request="true"');
    expect(await refusalOf(get(Key))).toMatchObject({ name: 'InvalidObjectState' });

    now += 12 * HOUR;
    expect((await head(Key)).Restore).toMatch(/^ongoing-request="false", expiry-date=".*00:00:00 GMT"$/);
    expect(await (await get(Key)).Body?.transformToString()).toBe('bytes');
    await copy();
    expect(await head('copy')).not.toHaveProperty('StorageClass');
    expect(await restore(Key)).toBe(200);

    now += 72 * HOUR;
    expect(await refusalOf(get(Key))).toMatchObject({ name: 'InvalidObjectState' });
    expect((await head(Key)).Restore).toBeUndefined();
  });
});

it('an object that is not archived cannot be restored', async () => {
  await put('warm', 'STANDARD_IA');
  expect(await refusalOf(restore('warm'))).toMatchObject({ name: 'InvalidObjectState', status: 403 });
});
