import { createServer } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import { encodeKey } from '../s3-event/key-encoding.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { createObjectListing, createS3Client, type ObjectListing } from './index.ts';

let aws: StandIn;
let client: S3Client;
let listing: ObjectListing;
/** The documents that S3 answers, in order. */
let answers: string[];
let queries: URLSearchParams[];

beforeAll(async () => {
  aws = await standInForAws(
    createServer((request, response) => {
      queries.push(new URL(request.url ?? '', 'http://s3').searchParams);
      response.end(answers.shift());
    }),
  );
  client = createS3Client({ maxSockets: 1 });
  listing = createObjectListing(client);
});

beforeEach(() => {
  queries = [];
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const ODD_KEYS = ['a b', 'a+b', 'a%20b', 'a&<b>', 'é/😀', '\u0001\u007f', '\uffff', '~!*\'()"'];

const dated = '<LastModified>2026-11-22T09:00:00.000Z</LastModified>';
const page = (elements: string, isTruncated = false) =>
  `<List>${elements}<IsTruncated>${isTruncated}</IsTruncated></List>`;
const contents = (key: string) => `<Contents><Key>${encodeKey(key)}</Key>${dated}<Size>7</Size></Contents>`;
const version = (key: string) =>
  `<Version><Key>${encodeKey(key)}</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest><ETag>"e"</ETag>${dated}<Size>7</Size><StorageClass>GLACIER</StorageClass></Version>`;

describe('objects', () => {
  it.each(ODD_KEYS)('continues after %j', async (key) => {
    answers = [page(contents('a') + contents(key), true), page('')];
    const listed = await listing.objects({ bucket: 'b', prefix: 'p', after: undefined });
    expect(listed).toEqual({
      objects: ['a', key].map((each) => ({ key: each, size: 7, lastModified: Date.UTC(2026, 10, 22, 9) })),
      next: key,
    });
    await expect(listing.objects({ bucket: 'b', prefix: 'p', after: listed.next })).resolves.toEqual({
      objects: [],
      next: undefined,
    });
    expect(queries.map((query) => query.get('start-after'))).toEqual([null, key]);
    expect(queries.map((query) => query.get('prefix'))).toEqual(['p', 'p']);
  });

  it('goes on after a page without keys that is not the last', async () => {
    const next = (token: string) => `<NextContinuationToken>${token}</NextContinuationToken>`;
    answers = [page(next('1'), true), page(next('2'), true), page(contents('z'), true)];
    const listed = await listing.objects({ bucket: 'b', after: 'a' });
    expect(listed).toMatchObject({ objects: [{ key: 'z' }], next: 'z' });
    expect(queries.map((query) => query.get('continuation-token'))).toEqual([null, '1', '2']);
    answers = [page(next('1'), true), page('')];
    await expect(listing.objects({ bucket: 'b', after: 'a' })).resolves.toEqual({
      objects: [],
      next: undefined,
    });
  });
});

describe('versions', () => {
  it.each(ODD_KEYS)('continues after a version of %j', async (key) => {
    const marker = `<NextKeyMarker>${encodeKey(key)}</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>`;
    answers = [page(version(key) + marker, true), page('')];
    const listed = await listing.versions({ bucket: 'b' });
    expect(listed).toEqual({
      versions: [
        {
          ...{ key, versionId: 'v1', etag: 'e', isLatest: true, storageClass: 'GLACIER' },
          ...{ size: 7, lastModified: Date.UTC(2026, 10, 22, 9) },
        },
      ],
      next: { key, versionId: 'v1' },
    });
    await listing.versions({ bucket: 'b', after: listed.next });
    expect(queries[1]?.get('key-marker')).toBe(key);
    expect(queries[1]?.get('version-id-marker')).toBe('v1');
  });

  it('continues after a page of delete markers', async () => {
    const marker = '<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>';
    answers = [page(`<DeleteMarker><Key>k</Key><VersionId>v9</VersionId></DeleteMarker>${marker}`, true)];
    await expect(listing.versions({ bucket: 'b' })).resolves.toEqual({
      versions: [],
      next: { key: 'k', versionId: 'v9' },
    });
  });
});

describe('folders', () => {
  it('continues with the token of S3', async () => {
    const folder = '<CommonPrefixes><Prefix>p/a+b/</Prefix></CommonPrefixes>';
    answers = [page(`${folder}<NextContinuationToken>t=/</NextContinuationToken>`, true), page('')];
    const listed = await listing.folders({ bucket: 'b', prefix: 'p/' });
    expect(listed).toEqual({ folders: ['p/a b/'], next: 't=/' });
    await listing.folders({ bucket: 'b', prefix: 'p/', after: listed.next });
    expect(queries[1]?.get('continuation-token')).toBe('t=/');
  });
});

describe.each(['objects', 'folders', 'versions'] as const)('a listing of %s', (kind) => {
  it.each([
    ['is no listing', '<html><body>Sign in</body></html>'],
    ['is empty', ''],
    ['does not say where it continues', page('', true)],
  ])('fails if the response %s', async (_, answer) => {
    answers = [answer];
    await expect(listing[kind]({ bucket: 'b', prefix: 'p/' })).rejects.toThrow();
  });
});

it.each(['%zz', '%ff'])(
  'refuses a page with the key %s, because what follows it would be skipped',
  async (key) => {
    answers = [page(`<Contents><Key>${key}</Key>${dated}<Size>7</Size></Contents>`, true)];
    await expect(listing.objects({ bucket: 'b' })).rejects.toThrow('cannot be decoded');
  },
);
