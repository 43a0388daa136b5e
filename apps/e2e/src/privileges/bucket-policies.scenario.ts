import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { openPremises, type Premises, synthesiseWithUploader } from './external-parties.ts';

const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
const conditionFailed = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
const IfNoneMatch = '*';

let folder: ReturnType<typeof temporaryFolder>;
let premises: Premises;
/** A client whose role is allowed everything, so that only bucket policies can deny its calls. */
let unrestricted: S3Client;
beforeAll(async () => {
  folder = temporaryFolder();
  premises = await openPremises(synthesiseWithUploader(folder.path));
  unrestricted = premises.uploader;
}, 120_000);
afterAll(async () => {
  await premises.cloud.stop();
  folder[Symbol.dispose]();
});

describe.each([
  ['bundle', 'bundles/'],
  ['archived', 'bundles/'],
  ['archived', 'manifests/'],
  ['archived', 'receipts/'],
] as const)('in the bucket with the %s object, below %s', (name, prefix) => {
  const place = (key: string) => ({ Bucket: premises.objects[name].Bucket, Key: `${prefix}${name}-${key}` });

  it('denies every PUT that could replace an object', async () => {
    const put = (more: Partial<PutObjectCommandInput> = {}) =>
      unrestricted.send(new PutObjectCommand({ ...place('put'), Body: 'x', ...more }));
    await expect(put()).rejects.toMatchObject(denied);
    await expect(put({ IfNoneMatch })).resolves.toBeDefined();
    await expect(put()).rejects.toMatchObject(denied);
    await expect(put({ IfNoneMatch })).rejects.toMatchObject(conditionFailed);
  });

  it('denies every copy that could replace an object', async () => {
    const CopySource = `${premises.objects.other.Bucket}/${premises.objects.other.Key}`;
    const copy = new CopyObjectCommand({ ...place('copy'), CopySource });
    await expect(unrestricted.send(copy)).rejects.toMatchObject(denied);
    const once = new CopyObjectCommand({ ...place('copy'), CopySource, IfNoneMatch });
    await expect(unrestricted.send(once)).resolves.toBeDefined();
  });

  it('requires the condition when a multipart upload completes', async () => {
    const { UploadId } = await unrestricted.send(new CreateMultipartUploadCommand(place('parts')));
    const part = { ...place('parts'), UploadId, PartNumber: 1, Body: 'x' };
    const { ETag } = await unrestricted.send(new UploadPartCommand(part));
    const whole = { ...place('parts'), UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
    await expect(unrestricted.send(new CompleteMultipartUploadCommand(whole))).rejects.toMatchObject(denied);
    const once = new CompleteMultipartUploadCommand({ ...whole, IfNoneMatch });
    await expect(unrestricted.send(once)).resolves.toBeDefined();
  });
});

it('S3 still replicates objects put with the condition', async () => {
  const Key = 'bundles/replicated';
  const { bundle, archived } = premises.objects;
  await unrestricted.send(new PutObjectCommand({ Bucket: bundle.Bucket, Key, Body: 'x', IfNoneMatch }));
  await premises.cloud.idle();
  const replica = new HeadObjectCommand({ Bucket: archived.Bucket, Key });
  await expect(premises.admin.send(replica)).resolves.toMatchObject({ ReplicationStatus: 'REPLICA' });
});

it('other prefixes do not require the condition', async () => {
  const { Bucket } = premises.objects.replay;
  const put = new PutObjectCommand({ Bucket, Key: 'replays/put', Body: 'x' });
  await expect(unrestricted.send(put)).resolves.toBeDefined();
});

describe('landing', () => {
  const upload = (more: Partial<PutObjectCommandInput>) => {
    const { Bucket } = premises.objects.landed;
    return premises.uploader.send(new PutObjectCommand({ Bucket, Key: 'upload', Body: 'x', ...more }));
  };
  const SSECustomerKey = Buffer.alloc(32, 1).toString('base64');
  const SSEKMSKeyId = 'arn:aws:kms:eu-west-2:999999999999:key/foreign';

  it.each<[string, Partial<PutObjectCommandInput>]>([
    ['in an archive class', { StorageClass: 'DEEP_ARCHIVE' }],
    ['in another class', { StorageClass: 'STANDARD_IA' }],
    ['under a key of the uploader', { SSECustomerAlgorithm: 'AES256', SSECustomerKey }],
    ['under a KMS key', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId }],
    ['under KMS twice', { ServerSideEncryption: 'aws:kms:dsse' }],
  ])('denies a file %s, because functions could not read it', async (_how, more) => {
    await expect(upload(more)).rejects.toMatchObject(denied);
  });

  it('denies a multipart upload in an archive class too', async () => {
    const { Bucket } = premises.objects.landed;
    const begin = { Bucket, Key: 'upload', StorageClass: 'GLACIER' } as const;
    await expect(premises.uploader.send(new CreateMultipartUploadCommand(begin))).rejects.toMatchObject(
      denied,
    );
  });

  it.each<[string, Partial<PutObjectCommandInput>]>([
    ['without options', {}],
    [
      'that states the default class and encryption',
      { StorageClass: 'STANDARD', ServerSideEncryption: 'AES256' },
    ],
  ])('accepts a file %s', async (_how, more) => {
    await expect(upload(more)).resolves.toBeDefined();
  });
});
