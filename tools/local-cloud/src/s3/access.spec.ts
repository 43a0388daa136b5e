import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type ObjectAttributes,
  PutBucketNotificationConfigurationCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { AccessRequest, S3Action } from './access.ts';
import { rawRequest } from './testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from './testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
let asked: AccessRequest[] = [];
let denied: S3Action[] = [];
beforeAll(async () => {
  s3 = await s3UnderTest({
    authorize(request) {
      asked.push(request);
      return denied.includes(request.action) ? 'deny' : 'allow';
    },
  });
  ({ UploadId } = await s3.client.send(new CreateMultipartUploadCommand(object)));
});
beforeEach(() => {
  asked = [];
  denied = [];
});
afterAll(() => s3.stop());

const object = { Bucket, Key: 'folder/key' };
const version = { ...object, VersionId: 'abc' };
let UploadId: string | undefined;
const part = () => ({ ...object, UploadId, PartNumber: 1 });
const Tagging = { TagSet: [] };
const attributes: { ObjectAttributes: ObjectAttributes[] } = { ObjectAttributes: ['ETag'] };
const RestoreRequest = { Days: 1 };
const CASES: [string, (client: S3Client) => Promise<unknown>, S3Action[]][] = [
  ['ListBuckets', (s3) => s3.send(new ListBucketsCommand()), ['s3:ListAllMyBuckets']],
  ['CreateBucket', (s3) => s3.send(new CreateBucketCommand({ Bucket: 'another' })), ['s3:CreateBucket']],
  [
    'PutBucketNotificationConfiguration',
    (s3) => s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
    ['s3:PutBucketNotification'],
  ],
  [
    'PutBucketTagging',
    (s3) => s3.send(new PutBucketTaggingCommand({ Bucket, Tagging })),
    ['s3:PutBucketTagging'],
  ],
  ['GetBucketTagging', (s3) => s3.send(new GetBucketTaggingCommand({ Bucket })), ['s3:GetBucketTagging']],
  ['HeadBucket', (s3) => s3.send(new HeadBucketCommand({ Bucket })), ['s3:ListBucket']],
  ['GetBucketLocation', (s3) => s3.send(new GetBucketLocationCommand({ Bucket })), ['s3:GetBucketLocation']],
  [
    'GetBucketNotificationConfiguration',
    (s3) => s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })),
    ['s3:GetBucketNotification'],
  ],
  ['ListObjectsV2', (s3) => s3.send(new ListObjectsV2Command({ Bucket })), ['s3:ListBucket']],
  [
    'ListObjectVersions',
    (s3) => s3.send(new ListObjectVersionsCommand({ Bucket })),
    ['s3:ListBucketVersions'],
  ],
  ['PutObject', (s3) => s3.send(new PutObjectCommand(object)), ['s3:PutObject']],
  [
    'PutObject with tags',
    (s3) => s3.send(new PutObjectCommand({ ...object, Tagging: 'a=1' })),
    ['s3:PutObject', 's3:PutObjectTagging'],
  ],
  [
    'PutObject with If-Match',
    (s3) => s3.send(new PutObjectCommand({ ...object, IfMatch: 'a' })),
    ['s3:PutObject', 's3:GetObject'],
  ],
  ['GetObject', (s3) => s3.send(new GetObjectCommand(object)), ['s3:GetObject']],
  ['HeadObject', (s3) => s3.send(new HeadObjectCommand(object)), ['s3:GetObject']],
  ['GetObject of a version', (s3) => s3.send(new GetObjectCommand(version)), ['s3:GetObjectVersion']],
  ['HeadObject of a version', (s3) => s3.send(new HeadObjectCommand(version)), ['s3:GetObjectVersion']],
  ['DeleteObject', (s3) => s3.send(new DeleteObjectCommand(object)), ['s3:DeleteObject']],
  [
    'DeleteObject of a version',
    (s3) => s3.send(new DeleteObjectCommand(version)),
    ['s3:DeleteObjectVersion'],
  ],
  [
    'RestoreObject',
    (s3) => s3.send(new RestoreObjectCommand({ ...object, RestoreRequest })),
    ['s3:RestoreObject'],
  ],
  ['GetObjectTagging', (s3) => s3.send(new GetObjectTaggingCommand(object)), ['s3:GetObjectTagging']],
  [
    'PutObjectTagging of a version',
    (s3) => s3.send(new PutObjectTaggingCommand({ ...version, Tagging })),
    ['s3:PutObjectVersionTagging'],
  ],
  [
    'DeleteObjectTagging',
    (s3) => s3.send(new DeleteObjectTaggingCommand(object)),
    ['s3:DeleteObjectTagging'],
  ],
  [
    'DeleteObjectTagging of a version',
    (s3) => s3.send(new DeleteObjectTaggingCommand(version)),
    ['s3:DeleteObjectVersionTagging'],
  ],
  [
    'GetObjectAttributes',
    (s3) => s3.send(new GetObjectAttributesCommand({ ...object, ...attributes })),
    ['s3:GetObject', 's3:GetObjectAttributes'],
  ],
  [
    'GetObjectAttributes of a version',
    (s3) => s3.send(new GetObjectAttributesCommand({ ...version, ...attributes })),
    ['s3:GetObjectVersion', 's3:GetObjectVersionAttributes'],
  ],
  [
    'ListMultipartUploads',
    (s3) => s3.send(new ListMultipartUploadsCommand({ Bucket })),
    ['s3:ListBucketMultipartUploads'],
  ],
  [
    'ListParts',
    (s3) => s3.send(new ListPartsCommand({ ...object, UploadId })),
    ['s3:ListMultipartUploadParts'],
  ],
  ['CreateMultipartUpload', (s3) => s3.send(new CreateMultipartUploadCommand(object)), ['s3:PutObject']],
  [
    'CompleteMultipartUpload',
    (s3) => s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId: 'x' })),
    ['s3:PutObject'],
  ],
  [
    'CopyObject',
    (s3) => s3.send(new CopyObjectCommand({ ...object, CopySource: `${Bucket}/source` })),
    ['s3:PutObject', 's3:GetObject'],
  ],
  [
    'CopyObject of a version',
    (s3) => s3.send(new CopyObjectCommand({ ...object, CopySource: `${Bucket}/source?versionId=1` })),
    ['s3:PutObject', 's3:GetObjectVersion'],
  ],
  [
    'UploadPartCopy',
    (s3) => s3.send(new UploadPartCopyCommand({ ...part(), CopySource: `${Bucket}/source` })),
    ['s3:PutObject', 's3:GetObject'],
  ],
  [
    'UploadPartCopy of a version',
    (s3) => s3.send(new UploadPartCopyCommand({ ...part(), CopySource: `${Bucket}/source?versionId=1` })),
    ['s3:PutObject', 's3:GetObjectVersion'],
  ],
];

describe.each(CASES)('%s', (_, send, actions) => {
  it.each(actions)(`requires %s`, async (action) => {
    denied = [action];
    expect(await refusalOf(send(s3.client))).toMatchObject({ status: 403 });
    expect(asked.map((request) => request.action)).toEqual(actions.slice(0, actions.indexOf(action) + 1));
    expect(asked.every((request) => request.accessKeyId === 'AKTEST')).toBe(true);
  });
});

it('passes the resource and the values of condition keys', async () => {
  await s3.client.send(new PutObjectCommand({ ...object, Body: '', StorageClass: 'GLACIER' }));
  await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'folder/', Delimiter: '/', MaxKeys: 5 }));
  expect(asked).toMatchObject([
    {
      action: 's3:PutObject',
      resource: 'arn:aws:s3:::versioned/folder/key',
      secureTransport: false,
      context: { 's3:x-amz-storage-class': 'GLACIER', 'aws:SecureTransport': 'false' },
    },
    {
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::versioned',
      context: { 's3:prefix': 'folder/', 's3:delimiter': '/', 's3:max-keys': '5' },
    },
  ]);
});

it('passes whether an object would be created, and how', async () => {
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(object));
  const part = { ...object, UploadId, PartNumber: 1 };
  const { ETag } = await s3.client.send(new UploadPartCommand({ ...part, Body: 'x' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.client.send(
    new CompleteMultipartUploadCommand({ ...object, Key: object.Key, UploadId, MultipartUpload }),
  );
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'fresh', Body: '', IfNoneMatch: '*' }));
  await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/fresh` }));
  const told = asked
    .filter(({ action }) => action === 's3:PutObject')
    .map(({ context }) => [context['s3:ObjectCreationOperation'], context['s3:if-none-match']]);
  expect(told).toEqual([
    ['false', undefined],
    ['false', undefined],
    ['true', undefined],
    ['true', '*'],
    ['true', undefined],
  ]);
});

it('authorizes before it answers NotImplemented', async () => {
  const SSECustomerKey = Buffer.alloc(32).toString('base64');
  const put = () =>
    s3.client.send(
      new PutObjectCommand({ ...object, Body: '', SSECustomerAlgorithm: 'AES256', SSECustomerKey }),
    );
  expect(await refusalOf(put())).toMatchObject({ status: 501 });
  expect(asked[0]?.context).toMatchObject({ 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' });
  denied = ['s3:PutObject'];
  expect(await refusalOf(put())).toMatchObject({ status: 403 });
});

it('reads the caller from a presigned URL; an unsigned request has none', async () => {
  const credential = encodeURIComponent('AKSIGNED/20260301/us-east-1/s3/aws4_request');
  await rawRequest(s3.endpoint, { path: `/${Bucket}?list-type=2&X-Amz-Credential=${credential}` });
  await rawRequest(s3.endpoint, { path: `/${Bucket}?list-type=2` });
  expect(asked.map(({ accessKeyId }) => accessKeyId)).toEqual(['AKSIGNED', undefined]);
});

describe('the absence of an object', () => {
  const commands = [GetObjectCommand, HeadObjectCommand];

  it('is revealed only to callers who may list the bucket', async () => {
    denied = ['s3:ListBucket'];
    for (const command of commands) {
      for (const VersionId of [undefined, 'abc']) {
        const request = s3.client.send(new command({ Bucket, Key: 'never', VersionId }));
        expect(await refusalOf(request)).toMatchObject({ status: 403 });
      }
    }
    denied = [];
    for (const command of commands) {
      const request = s3.client.send(new command({ Bucket, Key: 'never' }));
      expect(await refusalOf(request)).toMatchObject({ status: 404 });
    }
  });

  it('is not revealed by a delete marker either', async () => {
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'marked' }));
    denied = ['s3:ListBucket'];
    for (const command of commands) {
      const refusal = await refusalOf(s3.client.send(new command({ Bucket, Key: 'marked' })));
      expect(refusal.status).toBe(403);
      expect(refusal.headers).not.toHaveProperty('x-amz-delete-marker');
    }
  });

  it('is authorized without a prefix, so a permission on a prefix does not suffice', async () => {
    await refusalOf(s3.client.send(new HeadObjectCommand({ Bucket, Key: 'never' })));
    expect(asked.at(-1)?.action).toBe('s3:ListBucket');
    expect(asked.at(-1)?.context).not.toHaveProperty('s3:prefix');
  });
});

it('denies single objects of a DeleteObjects', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: '' }));
  denied = ['s3:DeleteObjectVersion'];
  const Objects = [{ Key: 'kept', VersionId: 'abc' }, { Key: 'other' }];
  const { Deleted, Errors } = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Errors).toMatchObject([{ Key: 'kept', VersionId: 'abc', Code: 'AccessDenied' }]);
  expect(Deleted).toMatchObject([{ Key: 'other' }]);
});

it('denies a caller who expects a different owner', async () => {
  const request = s3.client.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: '111122223333' }));
  expect(await refusalOf(request)).toMatchObject({ status: 403 });
});

it('denies a copy to a caller who expects a different owner of the source', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'owned', Body: '' }));
  const copy = (ExpectedSourceBucketOwner: string) =>
    s3.client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copied',
        CopySource: `${Bucket}/owned`,
        ExpectedSourceBucketOwner,
      }),
    );
  expect(await refusalOf(copy('111122223333'))).toMatchObject({ status: 403 });
  await expect(copy('000000000000')).resolves.toBeDefined();
});
