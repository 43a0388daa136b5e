import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

interface Seen {
  body: { Records?: { eventName: string; s3: { object: { key: string; versionId: string } } }[]; n?: number };
  receives: string;
  batch: number;
}

let cloud: Cloud;
let s3: S3Client;
let sqs: SQSClient;
let seen: Seen[];

beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture) });
  s3 = new S3Client(cloud.clientConfig());
  sqs = new SQSClient(cloud.clientConfig());
  cloud.onLog(({ functionName, source, text }) => {
    if (functionName !== 'fixture-batches' || source !== 'function' || !text.includes('{')) return;
    const json: unknown = JSON.parse(text.slice(text.indexOf('{')));
    if (typeof json === 'object' && json !== null && 'receives' in json) seen.push(json as Seen);
  });
});
beforeEach(() => {
  seen = [];
});
afterAll(() => cloud.stop());

const queue = async (name = 'fixture-queue') => (await cloud.stats()).queues.find((one) => one.name === name);
const put = (bucket: string, Key: string, Body = 'x') =>
  s3.send(new PutObjectCommand({ Bucket: cloud.buckets[bucket], Key, Body }));
const tell = (body: object) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: cloud.queues['fixture-queue']?.url,
      MessageBody: JSON.stringify(body),
    }),
  );
const until = async (condition: () => Promise<boolean> | boolean) => {
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(20)) if (await condition()) return;
  throw new Error('the condition never became true');
};
const hidden = () =>
  until(async () => (await queue())?.inFlight === 1 && (await cloud.stats()).running === 0);

describe('an object created in landing', () => {
  test('invokes the function with its encoded key and its version', async () => {
    const { VersionId } = await put('landing', 'in/a b+c.txt');
    await cloud.idle();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.body.Records?.[0]).toMatchObject({
      eventName: 'ObjectCreated:Put',
      s3: { object: { key: 'in/a+b%2Bc.txt', versionId: VersionId } },
    });
    expect(await queue()).toMatchObject({ visible: 0, inFlight: 0, dead: 0 });
  });

  test('as a sparse one invokes the function like a completed multipart upload', async () => {
    const object = {
      bucket: cloud.buckets['landing'] ?? '',
      key: 'in/sparse.txt',
      size: 5e12,
      stretches: [],
    };
    const { versionId } = await cloud.putSparse(object);
    await cloud.idle();
    expect(seen[0]?.body.Records?.[0]).toMatchObject({
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      s3: { object: { key: 'in/sparse.txt', size: 5e12, versionId } },
    });
  });

  test('is not notified if prefix or suffix differ', async () => {
    await put('landing', 'out/a.txt');
    await put('landing', 'in/a.csv');
    await put('landing', 'in/yes.txt');
    await cloud.idle();
    expect(seen.map(({ body }) => body.Records?.[0]?.s3.object.key)).toEqual(['in/yes.txt']);
  });

  test('and deleted again is notified to every queue of the topic, raw or in an envelope', async () => {
    await put('landing', 'x');
    await s3.send(new DeleteObjectCommand({ Bucket: cloud.buckets['landing'], Key: 'x' }));
    const receive = async (name: string) => {
      const QueueUrl = cloud.queues[name]?.url;
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
      return JSON.parse(Messages?.[0]?.Body ?? '{}');
    };
    expect(await receive('fixture-removals-a')).toMatchObject({
      Records: [{ eventName: 'ObjectRemoved:DeleteMarkerCreated' }],
    });
    const wrapped = await receive('fixture-removals-b');
    expect(wrapped).toMatchObject({ Type: 'Notification' });
    expect(JSON.parse(wrapped.Message)).toMatchObject({ Records: [{ s3: { object: { key: 'x' } } }] });
  });
});

describe('a batch', () => {
  test('with failed items leaves them hidden until released, and acknowledges them on success', async () => {
    await tell({ do: 'fail-once', n: 1 });
    await hidden();
    expect(await cloud.releaseHidden()).toBe(1);
    await cloud.idle();
    expect(seen.map(({ receives }) => receives)).toEqual(['1', '2']);
    expect(await queue()).toMatchObject({ visible: 0, inFlight: 0, dead: 0 });
  });

  test('with an item that always fails sends it to the dead-letter queue after its last receive', async () => {
    await tell({ do: 'fail', n: 2 });
    await hidden();
    await cloud.releaseHidden('fixture-queue');
    await until(() => seen.length === 2);
    await hidden();
    await cloud.releaseHidden();
    await until(async () => (await queue())?.dead === 1);
    await cloud.idle();
    expect(seen.map(({ receives }) => receives)).toEqual(['1', '2']);
  });

  test.each(['throw', 'name-a-stranger'])('that fails as a whole (%s) acknowledges nothing', async (how) => {
    const { errors = 0 } = (await cloud.stats()).mappings[0] ?? {};
    await tell({ do: how });
    await hidden();
    expect((await cloud.stats()).mappings[0]?.errors).toBe(errors + 1);
    const dead = (await queue())?.dead ?? 0;
    await cloud.releaseHidden();
    await until(() => seen.length === 2);
    await hidden();
    await cloud.releaseHidden();
    await until(async () => (await queue())?.dead === dead + 1);
    await cloud.idle();
  });

  test('succeeds if the function returns null', async () => {
    await tell({ do: 'answer-null' });
    await cloud.idle();
    expect(await queue()).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test('whose process is killed keeps its message for the next receive', async () => {
    await tell({ do: 'hang', ms: 700 });
    await until(() => cloud.killFunctionProcess('batches') !== undefined);
    await hidden();
    await cloud.releaseHidden();
    await cloud.idle();
    expect(await queue()).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test('runs concurrently with others during a backlog, up to the maximum concurrency', async () => {
    await Promise.all(Array.from({ length: 40 }, () => tell({ do: 'hang', ms: 60 })));
    let most = 0;
    await until(async () => {
      const { queues, running } = await cloud.stats();
      most = Math.max(most, running);
      const source = queues.find(({ name }) => name === 'fixture-queue');
      return running === 0 && source?.visible === 0 && source.inFlight === 0;
    });
    expect(most).toBe(2);
    expect(Math.max(...seen.map(({ batch }) => batch))).toBeGreaterThan(1);
  });
});

describe('a bundle', () => {
  const read = async (bucket: string, Key: string) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: cloud.buckets[bucket], Key }));
    return {
      text: await answer.Body?.transformToString(),
      version: answer.VersionId,
      metadata: answer.Metadata,
    };
  };

  test('with the configured prefix is replicated with version id and metadata; others are not', async () => {
    const { VersionId } = await s3.send(
      new PutObjectCommand({
        Bucket: cloud.buckets['distribution'],
        Key: 'bundles/a b.tar',
        Body: 'bytes',
        Metadata: { sha256: 'abc' },
      }),
    );
    await put('distribution', 'other/b.tar');
    await cloud.idle();
    expect(await read('archive', 'bundles/a b.tar')).toEqual({
      text: 'bytes',
      version: VersionId,
      metadata: { sha256: 'abc' },
    });
    await expect(read('archive', 'other/b.tar')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('is replicated without its bytes if it is sparse', async () => {
    const bucket = cloud.buckets['distribution'] ?? '';
    await cloud.putSparse({ bucket, key: 'bundles/sparse.tar', size: 5e12, stretches: [] });
    await cloud.idle();
    const replica = { Bucket: cloud.buckets['archive'], Key: 'bundles/sparse.tar' };
    expect(await s3.send(new HeadObjectCommand(replica))).toMatchObject({
      ContentLength: 5e12,
      ReplicationStatus: 'REPLICA',
    });
  });

  test('that is deleted stays in the archive', async () => {
    await put('distribution', 'bundles/kept.tar', 'kept');
    await cloud.idle();
    await s3.send(
      new DeleteObjectCommand({ Bucket: cloud.buckets['distribution'], Key: 'bundles/kept.tar' }),
    );
    await cloud.idle();
    expect((await read('archive', 'bundles/kept.tar')).text).toBe('kept');
  });
});
