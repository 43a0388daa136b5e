import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

const put = (Key: string) => s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
const list = (input: Partial<ListObjectsV2CommandInput>) =>
  s3.client.send(new ListObjectsV2Command({ Bucket, ...input }));

describe('ListObjectsV2', () => {
  beforeAll(async () => {
    for (const key of ['tree/a', 'tree/b/1', 'tree/b/2', 'tree/c', 'tree/d/1']) await put(key);
    await put('tree/deleted');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'tree/deleted' }));
  });

  it('describes objects, and omits those whose latest version is a delete marker', async () => {
    const { Contents, KeyCount, IsTruncated } = await list({ Prefix: 'tree/', FetchOwner: true });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['tree/a', 'tree/b/1', 'tree/b/2', 'tree/c', 'tree/d/1']);
    expect({ KeyCount, IsTruncated }).toEqual({ KeyCount: 5, IsTruncated: false });
    expect(Contents?.[0]).toMatchObject({
      ETag: '"9dd4e461268c8034f5c8564e155c67a6"',
      Size: 1,
      StorageClass: 'STANDARD',
      LastModified: expect.any(Date),
      Owner: { ID: '000000000000' },
    });
  });

  it('groups keys by common prefixes', async () => {
    const { Contents, CommonPrefixes } = await list({ Prefix: 'tree/', Delimiter: '/' });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['tree/a', 'tree/c']);
    expect(CommonPrefixes).toEqual([{ Prefix: 'tree/b/' }, { Prefix: 'tree/d/' }]);
  });

  it('pages through keys and common prefixes with continuation tokens', async () => {
    const names: (string | undefined)[] = [];
    const input = { Bucket, Prefix: 'tree/', Delimiter: '/' };
    for await (const page of paginateListObjectsV2({ client: s3.client, pageSize: 1 }, input)) {
      expect(page.KeyCount).toBe(1);
      names.push(page.Contents?.[0]?.Key ?? page.CommonPrefixes?.[0]?.Prefix);
    }
    expect(names).toEqual(['tree/a', 'tree/b/', 'tree/c', 'tree/d/']);
  });

  it('starts after a key, and lists nothing if max-keys is 0', async () => {
    const { Contents } = await list({ Prefix: 'tree/', StartAfter: 'tree/b/1' });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['tree/b/2', 'tree/c', 'tree/d/1']);
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('returns at most a thousand keys', async () => {
    expect(await list({ MaxKeys: 5000 })).toMatchObject({ MaxKeys: 1000 });
    expect(await list({})).toMatchObject({ MaxKeys: 1000 });
  });

  it.each([
    ['max-keys', { path: 'max-keys=many' }],
    ['encoding-type', { path: 'encoding-type=base64' }],
    ['continuation-token', { path: 'continuation-token=AAAA' }],
  ])('refuses a malformed %s', async (_, { path }) => {
    const answer = await rawRequest(s3.endpoint, { path: `/${Bucket}?list-type=2&${path}` });
    expect(answer).toMatchObject({
      status: 400,
      body: expect.stringContaining('<Code>InvalidArgument</Code>'),
    });
  });

  it('form-encodes keys and prefixes on request', async () => {
    await put('enc/a b+c/é😀(1)~');
    const plain = await list({ Prefix: 'enc/a b', EncodingType: 'url' });
    expect(plain.Contents?.[0]?.Key).toBe('enc/a+b%2Bc/%C3%A9%F0%9F%98%80%281%29%7E');
    const rolled = await list({ Prefix: 'enc/', Delimiter: '+', EncodingType: 'url' });
    expect(rolled).toMatchObject({ Delimiter: '%2B', CommonPrefixes: [{ Prefix: 'enc/a+b%2B' }] });
  });
});

it('lists with markers in version 1 of the operation', async () => {
  for (const key of ['v1/a', 'v1/b/1', 'v1/b/2', 'v1/c']) await put(key);
  const input = { Bucket, Prefix: 'v1/', Delimiter: '/', MaxKeys: 2 };
  const first = await s3.client.send(new ListObjectsCommand(input));
  expect(first).toMatchObject({
    IsTruncated: true,
    NextMarker: 'v1/b/',
    CommonPrefixes: [{ Prefix: 'v1/b/' }],
  });
  const second = await s3.client.send(new ListObjectsCommand({ ...input, Marker: first.NextMarker }));
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(['v1/c']);
  expect(second.CommonPrefixes).toBeUndefined();
});

describe('ListObjectVersions', () => {
  const page = (keyMarker?: string, idMarker?: string) =>
    s3.client.send(
      new ListObjectVersionsCommand({
        Bucket,
        Prefix: 'paged/',
        MaxKeys: 2,
        KeyMarker: keyMarker,
        VersionIdMarker: idMarker,
      }),
    );
  const namesOf = ({ Versions = [], DeleteMarkers = [] }: Awaited<ReturnType<typeof page>>) =>
    [...Versions, ...DeleteMarkers].map(({ VersionId }) => VersionId);

  beforeAll(async () => {
    for (const key of ['paged/a', 'paged/a', 'paged/a', 'paged/b']) await put(key);
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'paged/b' }));
  });

  it('pages through the versions of a key, newest first', async () => {
    const all = await s3.client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'paged/' }));
    const seen: (string | undefined)[] = [];
    let markers: [key?: string | undefined, versionId?: string | undefined] = [];
    for (let more = true; more;) {
      const found = await page(...markers);
      seen.push(...namesOf(found));
      markers = [found.NextKeyMarker, found.NextVersionIdMarker];
      more = found.IsTruncated === true;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(new Set(namesOf(all)));
  });

  it('continues after a marker whose version was deleted meanwhile', async () => {
    const first = await page();
    const [newest, second] = first.Versions ?? [];
    const deletion = new DeleteObjectCommand({ Bucket, Key: 'paged/a', VersionId: second?.VersionId });
    await s3.client.send(deletion);
    const next = await page(first.NextKeyMarker, first.NextVersionIdMarker);
    expect(namesOf(next)).not.toContain(newest?.VersionId);
    expect(next.Versions?.[0]).toMatchObject({ Key: 'paged/a', IsLatest: false });
  });

  it('refuses a version id marker without a key marker', async () => {
    expect(await refusalOf(page(undefined, 'id'))).toMatchObject({ name: 'InvalidArgument' });
  });
});
