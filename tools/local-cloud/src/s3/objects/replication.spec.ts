import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const key = 'bundle';
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
  for (const name of ['archive', 'vault']) s3.createBucket({ name, versioning: true });
});
afterAll(() => s3.stop());

const put = async (Body: string | Buffer) => {
  const input = { Bucket: 'versioned', Key: key, Body, Metadata: { a: '1' } };
  return String((await s3.client.send(new PutObjectCommand(input))).VersionId);
};
const replicate = (versionId: string, to = 'archive', bucket = 'versioned') =>
  s3.replicate({ bucket, key, versionId, to });
const versionsOf = async (Bucket: string) =>
  (await s3.client.send(new ListObjectVersionsCommand({ Bucket }))).Versions?.map(
    ({ VersionId }) => VersionId,
  );

it('keeps version id, time, metadata and bytes, and sets both replication statuses', async () => {
  const VersionId = await put(Buffer.alloc(100_000, 'x'));
  await replicate(VersionId);
  const [original, replica] = await Promise.all(
    ['versioned', 'archive'].map((Bucket) =>
      s3.client.send(new GetObjectCommand({ Bucket, Key: key, VersionId })),
    ),
  );
  expect(original?.ReplicationStatus).toBe('COMPLETED');
  expect(replica).toMatchObject({
    ReplicationStatus: 'REPLICA',
    ETag: original?.ETag,
    LastModified: original?.LastModified,
    Metadata: { a: '1' },
  });
  expect(await replica?.Body?.transformToString()).toBe('x'.repeat(100_000));
  expect(s3.events.at(-1)).toMatchObject({ bucket: 'archive', key, versionId: VersionId });
});

it('gives a replica the storage class of the rule', async () => {
  const VersionId = await put('bytes');
  await s3.replicate({
    bucket: 'versioned',
    key,
    versionId: VersionId,
    to: 'vault',
    storageClass: 'GLACIER_IR',
  });
  const replica = await s3.client.send(new GetObjectCommand({ Bucket: 'vault', Key: key, VersionId }));
  expect(replica.StorageClass).toBe('GLACIER_IR');
  expect(await replica.Body?.transformToString()).toBe('bytes');
});

it('keeps the order of versions for any order of replication, and creates each replica once', async () => {
  const versions = [await put('one'), await put('two'), await put('three')];
  for (const version of [...versions, ...versions].reverse()) await replicate(version);
  expect((await versionsOf('archive'))?.slice(0, 3)).toEqual(versions.toReversed());
  const { VersionId } = await s3.client.send(new HeadObjectCommand({ Bucket: 'archive', Key: key }));
  expect(VersionId).toBe(versions[2]);
});

it('does not replicate replicas', async () => {
  const version = await put('bytes');
  await replicate(version);
  await replicate(version, 'vault', 'archive');
  expect((await versionsOf('vault')) ?? []).not.toContain(version);
});

it('refuses invalid replications', async () => {
  const version = await put('bytes');
  await expect(replicate('no-such-version')).rejects.toThrow('The specified version does not exist.');
  await expect(replicate(version, 'plain')).rejects.toThrow('must have versioning enabled');
  await expect(replicate(version, 'nowhere')).rejects.toThrow('The specified bucket does not exist.');
});
