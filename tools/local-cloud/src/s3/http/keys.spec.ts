import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'plain';
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

describe.each([
  'a//b',
  '/a',
  'folder/',
  '..',
  '../../etc/passwd',
  './a/./b',
  '%2F',
  '%252F%',
  'a+b c',
  ' both ends ',
  'tilde~star*paren()\'quote"',
  '<&>"&amp;]]>',
  '?a=b&c#d;e=f',
  'tab\tline\nreturn\r',
  'é and e\u0301',
  '😀/\uffee',
  'ünï/коза/山',
  'k'.repeat(1024),
])('the key %j', (Key) => {
  it('stays unchanged in PUT, GET, listing, event, copy and DeleteObjects', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    expect(s3.events.at(-1)?.key).toBe(Key);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(Key);
    const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(Contents?.[0]?.Key).toBe(Key);
    const CopySource = encodeURIComponent(`${Bucket}/${Key}`);
    await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    const Objects = [{ Key }, { Key: 'copy' }];
    const { Deleted } = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.[0]?.Key).toBe(Key);
    expect(await s3.client.send(new ListObjectsV2Command({ Bucket }))).toMatchObject({ KeyCount: 0 });
  });
});

it('refuses a key of more than 1024 bytes', async () => {
  const request = s3.client.send(new PutObjectCommand({ Bucket, Key: 'é'.repeat(513), Body: '' }));
  expect(await refusalOf(request)).toMatchObject({ name: 'KeyTooLongError', status: 400 });
});

it('refuses a path that is not percent-encoded UTF-8', async () => {
  const answer = await rawRequest(s3.endpoint, { path: `/${Bucket}/%FF` });
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('<Code>InvalidURI</Code>') });
});

it('also reads the bucket from the host', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'hosted/key', Body: 'bytes' }));
  for (const host of ['plain.localhost:80', 'plain.s3.localhost', 'plain.s3.eu-central-1.amazonaws.com']) {
    const answer = await rawRequest(s3.endpoint, { path: '/hosted/key', headers: { host } });
    expect(answer).toMatchObject({ status: 200, body: 'bytes' });
  }
});
