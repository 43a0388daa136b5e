import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  RestoreObjectCommand,
  type S3Client,
  SelectObjectContentCommand,
} from '@aws-sdk/client-s3';
import { OPERATIONS } from './routes.ts';
import { rawRequest } from './testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from './testing/sdk.ts';

it('docs/local-cloud.md lists exactly the supported operations', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/local-cloud.md'), 'utf8');
  const section = page.slice(page.indexOf('\n## S3\n'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  const documented = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(documented.toSorted()).toEqual(OPERATIONS.map(({ name }) => name).toSorted());
});

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
  await s3.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'key', Body: 'bytes' }));
});
afterAll(() => s3.stop());

const bucket = { Bucket: 'plain' };
const object = { Bucket: 'plain', Key: 'key' };
const select = {
  Expression: '',
  ExpressionType: 'SQL',
  InputSerialization: {},
  OutputSerialization: {},
} as const;
const CASES: [string, (client: S3Client) => Promise<unknown>][] = [
  ['SelectObjectContent', (s3) => s3.send(new SelectObjectContentCommand({ ...object, ...select }))],
  ['PutBucketAcl', (s3) => s3.send(new PutBucketAclCommand({ ...bucket, ACL: 'private' }))],
  ['PutBucketLifecycle', (s3) => s3.send(new PutBucketLifecycleConfigurationCommand(bucket))],
  ['PutObjectLockConfiguration', (s3) => s3.send(new PutObjectLockConfigurationCommand(bucket))],
  ['DeleteBucketPolicy', (s3) => s3.send(new DeleteBucketPolicyCommand(bucket))],
  ['GetObject of ranges', (s3) => s3.send(new GetObjectCommand({ ...object, Range: 'bytes=0-1,3-4' }))],
  ['a public ACL', (s3) => s3.send(new PutObjectCommand({ ...object, ACL: 'public-read' }))],
  ['an object lock', (s3) => s3.send(new PutObjectCommand({ ...object, ObjectLockLegalHoldStatus: 'ON' }))],
  [
    'encryption with KMS',
    (s3) => s3.send(new PutObjectCommand({ ...object, ServerSideEncryption: 'aws:kms' })),
  ],
  ['appending', (s3) => s3.send(new PutObjectCommand({ ...object, WriteOffsetBytes: 5 }))],
];

it.each(CASES)('%s returns NotImplemented', async (_, send) => {
  expect(await refusalOf(send(s3.client))).toMatchObject({ name: 'NotImplemented', status: 501 });
});

it('a restore with a query is refused', async () => {
  const RestoreRequest = { Type: 'SELECT', Days: 1 } as const;
  const request = s3.client.send(new RestoreObjectCommand({ ...object, RestoreRequest }));
  expect(await refusalOf(request)).toMatchObject({ status: 400 });
});

it('names the unsupported part in the error document, and every response has an id', async () => {
  const { body, headers } = await rawRequest(s3.endpoint, { method: 'PUT', path: '/plain?cors', body: '' });
  expect(body).toContain('<Message>This S3 does not implement PUT ?cors on a bucket.</Message>');
  expect(body).toContain(`<RequestId>${headers['x-amz-request-id']}</RequestId>`);
});

it('matches query parameters by exact name', async () => {
  const answer = await rawRequest(s3.endpoint, { path: '/plain/key?constructor' });
  expect(answer.status).toBe(501);
});

it('headers accepted without effect change nothing visible to clients', async () => {
  const accepted = { ACL: 'bucket-owner-full-control', ServerSideEncryption: 'AES256' } as const;
  await expect(s3.client.send(new PutObjectCommand({ ...object, ...accepted }))).resolves.toBeDefined();
});
