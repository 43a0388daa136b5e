import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

const put = async (Bucket: string, Key: string, Body: string) =>
  (await s3.client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
const get = async (Bucket: string, Key: string, VersionId?: string) =>
  (await s3.client.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const remove = (Bucket: string, Key: string, VersionId?: string) =>
  s3.client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const list = (Bucket: string, Prefix: string) =>
  s3.client.send(new ListObjectVersionsCommand({ Bucket, Prefix }));

describe('a versioned bucket', () => {
  it('keeps every version of a key', async () => {
    const first = await put('versioned', 'kept', 'one');
    const second = await put('versioned', 'kept', 'two');
    expect(first).not.toBe(second);
    expect(await get('versioned', 'kept')).toBe('two');
    expect(await get('versioned', 'kept', first)).toBe('one');
    const { Versions } = await list('versioned', 'kept');
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second, true],
      [first, false],
    ]);
  });

  it("returns 404 with the marker's id if the latest version is a delete marker", async () => {
    const version = await put('versioned', 'marked', 'bytes');
    const deleted = await remove('versioned', 'marked');
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
    for (const command of [GetObjectCommand, HeadObjectCommand]) {
      const refusal = await refusalOf(s3.client.send(new command({ Bucket: 'versioned', Key: 'marked' })));
      expect(refusal).toMatchObject({
        status: 404,
        headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': deleted.VersionId },
      });
    }
    expect(await get('versioned', 'marked', version)).toBe('bytes');
  });

  it('returns 405 for a delete marker requested by id', async () => {
    const { VersionId } = await remove('versioned', 'only-a-marker');
    const request = s3.client.send(
      new GetObjectCommand({ Bucket: 'versioned', Key: 'only-a-marker', VersionId }),
    );
    expect(await refusalOf(request)).toMatchObject({
      name: 'MethodNotAllowed',
      status: 405,
      headers: { 'x-amz-delete-marker': 'true' },
    });
  });

  it('restores an object when its delete marker is deleted', async () => {
    await put('versioned', 'undeleted', 'bytes');
    const { VersionId } = await remove('versioned', 'undeleted');
    expect(await remove('versioned', 'undeleted', VersionId)).toMatchObject({
      DeleteMarker: true,
      VersionId,
    });
    expect(await get('versioned', 'undeleted')).toBe('bytes');
  });

  it('deletes a version permanently, and the key with its last version', async () => {
    const VersionId = await put('versioned', 'gone', 'bytes');
    expect((await remove('versioned', 'gone', VersionId)).DeleteMarker).toBeUndefined();
    const missing = s3.client.send(new GetObjectCommand({ Bucket: 'versioned', Key: 'gone', VersionId }));
    expect(await refusalOf(missing)).toMatchObject({ name: 'NoSuchVersion', status: 404 });
    expect((await list('versioned', 'gone')).Versions).toBeUndefined();
  });

  it('deletes many objects in one request, with and without version ids', async () => {
    const VersionId = await put('versioned', 'many/1', 'bytes');
    await put('versioned', 'many/2 <&>', 'bytes');
    const Objects = [{ Key: 'many/1', VersionId }, { Key: 'many/2 <&>' }, { Key: 'many/never' }];
    const { Deleted } = await s3.client.send(
      new DeleteObjectsCommand({ Bucket: 'versioned', Delete: { Objects } }),
    );
    expect(Deleted).toMatchObject([
      { Key: 'many/1', VersionId },
      { Key: 'many/2 <&>', DeleteMarker: true },
      { Key: 'many/never', DeleteMarker: true },
    ]);
    const { Versions, DeleteMarkers } = await list('versioned', 'many/');
    expect(Versions?.map(({ Key }) => Key)).toEqual(['many/2 <&>']);
    expect(DeleteMarkers?.map(({ Key }) => Key)).toEqual(['many/2 <&>', 'many/never']);
  });
});

describe('a bucket without versions', () => {
  it('overwrites, deletes permanently and returns no version id', async () => {
    expect(await put('plain', 'key', 'one')).toBeUndefined();
    await put('plain', 'key', 'two');
    expect((await list('plain', 'key')).Versions).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
    expect(await remove('plain', 'key')).not.toHaveProperty('DeleteMarker');
    const { name, headers } = await refusalOf(
      s3.client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'key' })),
    );
    expect(name).toBe('NoSuchKey');
    expect(headers).not.toHaveProperty('x-amz-delete-marker');
  });

  it('frees space on overwriting and deleting', async () => {
    const before = s3.files().length;
    await put('plain', 'large', 'x'.repeat(100_000));
    await put('plain', 'large', 'y'.repeat(100_000));
    expect(s3.files()).toHaveLength(before + 1);
    await remove('plain', 'large');
    expect(s3.files()).toHaveLength(before);
  });
});

describe('a bucket whose versioning is suspended', () => {
  it('keeps old versions and overwrites the null version', async () => {
    s3.createBucket({ name: 'suspended', versioning: true });
    const old = await put('suspended', 'key', 'old');
    const VersioningConfiguration = { Status: 'Suspended' } as const;
    await s3.client.send(new PutBucketVersioningCommand({ Bucket: 'suspended', VersioningConfiguration }));
    expect(await s3.client.send(new GetBucketVersioningCommand({ Bucket: 'suspended' }))).toMatchObject({
      Status: 'Suspended',
    });
    await put('suspended', 'key', 'null one');
    expect(await put('suspended', 'key', 'null two')).toBe('null');
    expect(await get('suspended', 'key', old)).toBe('old');
    await remove('suspended', 'key');
    const { Versions, DeleteMarkers } = await list('suspended', 'key');
    expect(Versions).toMatchObject([{ VersionId: old }]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
  });
});
