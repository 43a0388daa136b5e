import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { createClients } from './clients.ts';
import { createReadyQueue, keysIn, type ReadyQueue } from './ready-queue.ts';

const event = (...keys: string[]) =>
  JSON.stringify(
    toS3Event(
      keys.map((key) => ({
        ...{
          bucket: 'dist',
          key,
          version: { kind: 'id', versionId: 'v' },
          size: 1,
          etag: '0'.repeat(32),
          landedAt: 0,
        },
      })),
    ),
  );

it('finds the keys of a notification, decoded', () => {
  expect(keysIn(event('bundles/a b+c.tar.gz', 'bundles/x'), 'dist')).toEqual([
    'bundles/a b+c.tar.gz',
    'bundles/x',
  ]);
});

it('finds none in a test event', () => {
  expect(keysIn('{"Service":"Amazon S3","Event":"s3:TestEvent"}', 'dist')).toEqual([]);
});

it.each([
  ['about another bucket', event('bundles/x'), 'other'],
  ['about a deletion', event('bundles/x').replace('ObjectCreated:Put', 'ObjectRemoved:Delete'), 'dist'],
  ['that is not JSON', 'x', 'dist'],
  ['without records', '{}', 'dist'],
])('does not understand a message %s', (_, body, bucket) => {
  expect(keysIn(body, bucket)).toBeUndefined();
});

describe('the queue', () => {
  let aws: StandIn;
  let queue: ReadyQueue;
  let QueueUrl: string;
  let requests: [unknown, unknown][];
  let answer: { status: number; body: unknown };
  const { signal } = new AbortController();
  const message = (receiptHandle: string) => ({ receiptHandle, keys: [], receives: 1 });

  beforeAll(async () => {
    const server = createServer(async (request, response) => {
      requests.push([request.headers['x-amz-target'], await json(request)]);
      response.writeHead(answer.status, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-requestid': '1',
      });
      response.end(JSON.stringify(answer.body));
    });
    aws = await standInForAws(server);
    QueueUrl = `${aws.endpoint}/000000000000/ready`;
    const { sqs } = createClients({
      ...{ region: 'eu-west-2', roleArn: undefined, externalId: undefined, maxSockets: 1 },
    });
    queue = createReadyQueue(sqs, QueueUrl, 'dist');
  });

  beforeEach(() => {
    requests = [];
    answer = { status: 200, body: {} };
  });

  afterAll(() => aws.stop());

  it('receives up to ten messages at once, hidden for two minutes, with how often each was received', async () => {
    const [first, second] = [event('bundles/x'), 'not an event'];
    answer.body = {
      Messages: [
        {
          ...{ MessageId: '1', ReceiptHandle: 'r1', Body: first, MD5OfBody: hash('md5', first) },
          Attributes: { ApproximateReceiveCount: '3' },
        },
        { MessageId: '2', ReceiptHandle: 'r2', Body: second, MD5OfBody: hash('md5', second) },
      ],
    };
    await expect(queue.receive(20, signal)).resolves.toEqual([
      { receiptHandle: 'r1', keys: ['bundles/x'], receives: 3 },
      { receiptHandle: 'r2', keys: undefined, receives: 1 },
    ]);
    expect(requests).toEqual([
      [
        'AmazonSQS.ReceiveMessage',
        {
          ...{ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: 120 },
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        },
      ],
    ]);
  });

  it('may be empty', async () => {
    await expect(queue.receive(0, signal)).resolves.toEqual([]);
  });

  it('stops waiting for messages when the signal aborts', async () => {
    await expect(queue.receive(20, AbortSignal.abort())).rejects.toMatchObject({ name: 'CallError' });
    expect(requests).toEqual([]);
  });

  it('deletes messages in one request', async () => {
    await queue.acknowledge(['r1', 'r2'].map(message));
    const Entries = [
      { Id: '0', ReceiptHandle: 'r1' },
      { Id: '1', ReceiptHandle: 'r2' },
    ];
    expect(requests).toEqual([['AmazonSQS.DeleteMessageBatch', { QueueUrl, Entries }]]);
  });

  it('hides messages in one request', async () => {
    await queue.hide(['r1', 'r2'].map(message), 120);
    const Entries = [
      { Id: '0', ReceiptHandle: 'r1', VisibilityTimeout: 120 },
      { Id: '1', ReceiptHandle: 'r2', VisibilityTimeout: 120 },
    ];
    expect(requests).toEqual([['AmazonSQS.ChangeMessageVisibilityBatch', { QueueUrl, Entries }]]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['receiving', () => queue.receive(0, signal)],
    ['deleting', () => queue.acknowledge([message('r1')])],
    ['hiding', () => queue.hide([message('r1')], 120)],
  ])('reports why %s failed, after one attempt', async (_call, send) => {
    answer = { status: 403, body: { __type: 'com.amazonaws.sqs#AccessDeniedException', message: 'why' } };
    await expect(send()).rejects.toMatchObject({
      name: 'CallError',
      code: 'AccessDeniedException',
      status: 403,
    });
    expect(requests).toHaveLength(1);
  });
});
