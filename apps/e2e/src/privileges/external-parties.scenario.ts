import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { openPremises, type Placed, type Premises, synthesiseWithUploader } from './external-parties.ts';

let folder: ReturnType<typeof temporaryFolder>;
let assembly: string;
let premises: Premises;
beforeAll(async () => {
  folder = temporaryFolder();
  assembly = synthesiseWithUploader(folder.path);
  premises = await openPremises(assembly);
}, 120_000);
afterAll(async () => {
  await premises.cloud.stop();
  folder[Symbol.dispose]();
});

type Name = keyof Premises['objects'];

/** Attempts to access an object. */
const attempts = {
  list: (s3: S3Client, { Bucket }: Placed) => s3.send(new ListObjectsV2Command({ Bucket })),
  'list versions': (s3: S3Client, { Bucket }: Placed) => s3.send(new ListObjectVersionsCommand({ Bucket })),
  get: (s3: S3Client, { Bucket, Key }: Placed) => s3.send(new GetObjectCommand({ Bucket, Key })),
  'get a version': (s3: S3Client, placed: Placed) => s3.send(new GetObjectCommand(placed)),
  put: (s3: S3Client, { Bucket, Key }: Placed) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `${Key}-new`, Body: 'x' })),
  tag: (s3: S3Client, placed: Placed) =>
    s3.send(new PutObjectTaggingCommand({ ...placed, Tagging: { TagSet: [] } })),
  copy: (s3: S3Client, { Bucket, Key }: Placed) =>
    s3.send(new CopyObjectCommand({ Bucket, Key: `${Key}-copy`, CopySource: `${Bucket}/${Key}` })),
  delete: (s3: S3Client, { Bucket, Key }: Placed) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
  'delete a version': (s3: S3Client, placed: Placed) => s3.send(new DeleteObjectCommand(placed)),
};
type Attempt = keyof typeof attempts;
const allAttempts = Object.keys(attempts) as Attempt[];

/** The attempts that S3 does not deny. Afterwards the object is unchanged or deleted. */
async function allowed(s3: S3Client, object: Placed): Promise<Attempt[]> {
  const done: Attempt[] = [];
  for (const name of allAttempts) {
    try {
      await attempts[name](s3, object);
      done.push(name);
    } catch (error) {
      expect(error).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    }
  }
  return done;
}

const buckets: readonly (readonly [Name, Attempt[]])[] = [
  ['bundle', ['list', 'get', 'delete']],
  ['replay', ['list', 'get', 'delete']],
  ['other', ['list']],
  ['landed', []],
  ['archived', []],
];

describe('the consumer', () => {
  it.each(buckets)('has only these permissions on the %s object: %j', async (name, may) => {
    await expect(allowed(premises.consumer, premises.objects[name])).resolves.toEqual(may);
  });

  it('leaves a delete marker when it deletes a bundle', async () => {
    const { admin, consumer, objects } = premises;
    const { Bucket, Key, VersionId } = objects.bundle;
    const gone = new DeleteObjectCommand({ Bucket, Key });
    await expect(consumer.send(gone)).resolves.toMatchObject({ DeleteMarker: true });
    await expect(admin.send(new HeadObjectCommand({ Bucket, Key, VersionId }))).resolves.toBeDefined();
  });
});

describe('the consumer of a group', () => {
  it.each<[Name, Attempt[]]>([
    ['grouped', ['get', 'delete']],
    ['grouped replay', ['get', 'delete']],
    ['of another group', []],
    ['bundle', []],
    ['replay', []],
    ['other', []],
    ['landed', []],
    ['archived', []],
  ])('has for objects %s only the permissions %j', async (name, may) => {
    await expect(allowed(premises.consumerOfGroup, premises.objects[name])).resolves.toEqual(may);
  });

  it.each([
    [true, 'bundles/acme/'],
    [true, 'bundles/acme/2026/'],
    [true, 'replays/_groups/acme/'],
    [false, ''],
    [false, 'bundles/'],
    [false, 'bundles/acme'],
    [false, 'bundles/acme-2/'],
    [false, 'replays/'],
  ])('may list: %s for the prefix %j', async (may, Prefix) => {
    const { Bucket } = premises.objects.grouped;
    const list = premises.consumerOfGroup.send(new ListObjectsV2Command({ Bucket, Prefix }));
    if (may) await expect(list).resolves.toBeDefined();
    else await expect(list).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('the uploader, even if its own account allows everything,', () => {
  it('may only put objects into landing', async () => {
    await expect(allowed(premises.uploader, premises.objects.landed)).resolves.toEqual(['put']);
  });
});

describe('over plain HTTP', () => {
  let plain: Premises;
  beforeAll(async () => {
    plain = await openPremises(assembly, { secureTransport: false });
  });
  afterAll(() => plain.cloud.stop());

  it.each(buckets)('every access to the %s object is denied', async (name) => {
    for (const s3 of [plain.consumer, plain.uploader]) {
      await expect(allowed(s3, plain.objects[name])).resolves.toEqual([]);
    }
  });

  it('every access to a queue is denied', async () => {
    const sqs = new SQSClient(plain.cloud.clientConfig('uploader'));
    const urls = Object.values(plain.cloud.queues).map(({ url }) => url);
    expect(urls.length).toBeGreaterThan(1);
    for (const QueueUrl of urls) {
      const calls = [
        new SendMessageCommand({ QueueUrl, MessageBody: 'x' }),
        new ReceiveMessageCommand({ QueueUrl }),
      ];
      for (const call of calls) {
        await expect(sqs.send(call as SendMessageCommand)).rejects.toMatchObject({ name: 'AccessDenied' });
      }
    }
  });
});
