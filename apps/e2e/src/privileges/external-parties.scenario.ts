import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { parseNotification } from '@data-aggregator/shared-processing/s3-event';
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
  'put once': (s3: S3Client, { Bucket, Key }: Placed) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `${Key}-once`, Body: 'x', IfNoneMatch: '*' })),
  'begin an upload': (s3: S3Client, { Bucket, Key }: Placed) =>
    s3.send(new CreateMultipartUploadCommand({ Bucket, Key: `${Key}-parts` })),
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
  ['manifest', ['get']],
  ['receipt', ['get', 'put once']],
  ['dropped', []],
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

describe.each<['consumerSqs' | 'consumerOfGroupSqs', string, Name[]]>([
  ['consumerSqs', 'ready', ['bundle', 'replay', 'grouped', 'grouped replay', 'of another group']],
  ['consumerOfGroupSqs', 'ready-acme', ['grouped', 'grouped replay']],
])('%s, at the queue %s,', (client, queue, bundles) => {
  const urlOf = (name: string) =>
    Object.entries(premises.cloud.queues).find(([each]) => each.endsWith(`-${name}`))?.[1].url ?? '';
  const denied = expect.objectContaining({ name: 'AccessDenied' });

  it('is notified of its bundles and replays, and of nothing else', async () => {
    const { [client]: sqs, objects } = premises;
    const QueueUrl = urlOf(queue);
    const messages: Message[] = [];
    while (messages.length < bundles.length) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
      const { Messages = [] } = await sqs.send(receive);
      messages.push(...Messages);
    }
    const keys = messages.flatMap(({ Body = '' }) => {
      const notification = parseNotification(Body);
      if (notification.kind !== 'records') return [];
      return notification.records.flatMap((record) => (record.kind === 'landed' ? record.landed.key : []));
    });
    expect(keys.sort()).toEqual(bundles.map((name) => objects[name].Key).sort());
    const attributes = new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    });
    await expect(sqs.send(attributes)).resolves.toMatchObject({
      Attributes: {
        ApproximateNumberOfMessages: '0',
        ApproximateNumberOfMessagesNotVisible: String(bundles.length),
      },
    });
    for (const { ReceiptHandle } of messages) {
      const place = { QueueUrl, ReceiptHandle };
      await sqs.send(new ChangeMessageVisibilityCommand({ ...place, VisibilityTimeout: 60 }));
      await sqs.send(new DeleteMessageCommand(place));
    }
    await expect(sqs.send(attributes)).resolves.toMatchObject({
      Attributes: { ApproximateNumberOfMessagesNotVisible: '0' },
    });
  });

  it('cannot send to it or purge it', async () => {
    const { [client]: sqs } = premises;
    const QueueUrl = urlOf(queue);
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toEqual(denied);
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toEqual(denied);
  });

  it('can read no other queue', async () => {
    const { cloud, [client]: sqs } = premises;
    const others = Object.values(cloud.queues).filter(({ url }) => url !== urlOf(queue));
    expect(others.map(({ url }) => url)).toContain(urlOf(`${queue}-dead-letters`));
    for (const { url: QueueUrl } of others) {
      await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toEqual(denied);
    }
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
    ['grouped manifest', ['get']],
    ['manifest', []],
    ['grouped receipt', ['get', 'put once']],
    ['receipt', []],
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
    await expect(allowed(premises.uploader, premises.objects.landed)).resolves.toEqual([
      'put',
      'put once',
      'begin an upload',
    ]);
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
