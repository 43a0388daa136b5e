import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type VersioningConfiguration,
} from '@aws-sdk/client-s3';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest({ region: 'eu-central-1' });
});
afterAll(() => s3.stop());

it('can be created, listed, found and deleted by requests', async () => {
  const Bucket = 'by-request';
  await s3.client.send(new CreateBucketCommand({ Bucket }));
  expect(await refusalOf(s3.client.send(new CreateBucketCommand({ Bucket })))).toMatchObject({ status: 409 });
  const { Buckets } = await s3.client.send(new ListBucketsCommand());
  expect(Buckets?.map(({ Name }) => Name)).toEqual(['by-request', 'plain', 'versioned']);
  expect(s3.buckets()).toContain(Bucket);
  expect(await s3.client.send(new HeadBucketCommand({ Bucket }))).toMatchObject({
    BucketRegion: 'eu-central-1',
  });
  await s3.client.send(new DeleteBucketCommand({ Bucket }));
  expect(await refusalOf(s3.client.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
});

it('return their region and versioning status', async () => {
  const location = await s3.client.send(new GetBucketLocationCommand({ Bucket: 'plain' }));
  expect(location.LocationConstraint).toBe('eu-central-1');
  const versioned = await s3.client.send(new GetBucketVersioningCommand({ Bucket: 'versioned' }));
  expect(versioned.Status).toBe('Enabled');
  const plain = await s3.client.send(new GetBucketVersioningCommand({ Bucket: 'plain' }));
  expect(plain.Status).toBeUndefined();
});

it('cannot be deleted while they contain a delete marker', async () => {
  s3.createBucket({ name: 'occupied', versioning: true });
  const { VersionId } = await s3.client.send(new DeleteObjectCommand({ Bucket: 'occupied', Key: 'k' }));
  const remove = () => s3.client.send(new DeleteBucketCommand({ Bucket: 'occupied' }));
  expect(await refusalOf(remove())).toMatchObject({ name: 'BucketNotEmpty', status: 409 });
  expect(() => s3.deleteBucket('occupied')).toThrow('not empty');
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'occupied', Key: 'k', VersionId }));
  await remove();
});

describe('the versioning of a bucket', () => {
  const Bucket = 'toggled';
  beforeAll(() => s3.createBucket({ name: Bucket, versioning: false }));
  const put = (VersioningConfiguration: VersioningConfiguration) =>
    s3.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const get = async () => {
    const { Status, MFADelete } = await s3.client.send(new GetBucketVersioningCommand({ Bucket }));
    return { Status, MFADelete };
  };

  it('can be set and read; MFA delete is returned only once set', async () => {
    await put({ Status: 'Enabled' });
    expect(await get()).toEqual({ Status: 'Enabled', MFADelete: undefined });
    await put({ Status: 'Suspended', MFADelete: 'Disabled' });
    expect(await get()).toEqual({ Status: 'Suspended', MFADelete: 'Disabled' });
    await put({ Status: 'Enabled' });
    expect(await get()).toEqual({ Status: 'Enabled', MFADelete: 'Disabled' });
  });

  it.each<[VersioningConfiguration, string, number]>([
    [{ Status: 'Suspended', MFADelete: 'Enabled' }, 'NotImplemented', 501],
    [{ MFADelete: 'Disabled' }, 'IllegalVersioningConfigurationException', 400],
    [{}, 'IllegalVersioningConfigurationException', 400],
  ])('is refused as %j and stays unchanged', async (configuration, name, status) => {
    await put({ Status: 'Enabled' });
    expect(await refusalOf(put(configuration))).toMatchObject({ name, status });
    expect((await get()).Status).toBe('Enabled');
  });
});

const ENDLESS = 'a'.repeat(64);
it.each([
  ...[
    'Upper',
    'under_score',
    'ab',
    ENDLESS,
    '-ab',
    'ab-',
    '.ab',
    'ab.',
    'a..b',
    'a.-b',
    'a-.b',
    '192.168.0.1',
  ],
  ...[
    'xn--ab',
    'sthree-ab',
    'amzn-s3-demo-ab',
    'ab-s3alias',
    'ab--ol-s3',
    'ab.mrap',
    'ab--x-s3',
    'ab--table-s3',
  ],
])('cannot be named %j', (name) => {
  expect(() => s3.createBucket({ name, versioning: false })).toThrow('not valid');
});

it.each(['abc', '1.2.3', 'a--b', 'a.b-c.d', '1-2', ENDLESS.slice(1)])('can be named %j', (name) => {
  s3.createBucket({ name, versioning: false });
  s3.deleteBucket(name);
});

it('that do not exist return 404 to every request', async () => {
  const object = { Bucket: 'nowhere', Key: 'k' };
  for (const request of [
    s3.client.send(new GetObjectCommand(object)),
    s3.client.send(new PutObjectCommand({ ...object, Body: 'x' })),
  ]) {
    expect(await refusalOf(request)).toMatchObject({ name: 'NoSuchBucket', status: 404 });
  }
});
