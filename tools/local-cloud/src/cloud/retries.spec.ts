import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type Cloud } from '../index.ts';
import { arnOf, functionResources, writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

/*
 * When a failing function is invoked again. Upper bounds are generous; they only distinguish the delays. The three
 * functions wait concurrently, to save time.
 */

/** One message per batch, and one batch at a time. */
const oneByOne = {
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'Batches' }, BatchSize: 1 },
  },
};
const invokeConfig = (functionId: string, queueId: string) => ({
  Type: 'AWS::Lambda::EventInvokeConfig',
  Properties: {
    FunctionName: { Ref: functionId },
    Qualifier: '$LATEST',
    DestinationConfig: { OnFailure: { Destination: arnOf(queueId) } },
  },
});
const asynchronous = {
  FailingConfig: invokeConfig('Commands', 'RemovalsA'),
  ...functionResources('Recovering', 'commands', []),
  RecoveringConfig: invokeConfig('Recovering', 'RemovalsB'),
};

let cloud: Cloud;
/** When invocations begin, in ms, by function name. */
const starts = new Map<string, number[]>();
const bodies = ['throw', 'throw', 'throw', 'nothing', 'throw', 'nothing'];
const alwaysFails = { do: 'throw', text: 'always' };

beforeAll(async () => {
  cloud = await startCloud({
    assembly: writeAssembly({ ...fixture, ...oneByOne, ...asynchronous }),
    maxProcesses: 1,
  });
  let ended = 0;
  const allBatches = new Promise<void>((resolve) => {
    cloud.onLog(({ functionName, text }) => {
      if (text.startsWith('START ')) {
        starts.set(functionName, [...(starts.get(functionName) ?? []), performance.now()]);
      }
      if (functionName !== 'fixture-batches' || !text.startsWith('REPORT')) return;
      if (++ended === bodies.length) resolve();
    });
  });
  const [lambda, sqs] = [new LambdaClient(cloud.clientConfig()), new SQSClient(cloud.clientConfig())];
  const invoke = (FunctionName: string, event: object) =>
    lambda.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
  await invoke('fixture-commands', alwaysFails);
  await invoke('fixture-recovering', { do: 'throw-once', text: 'a' });
  for (const what of bodies) {
    const MessageBody = JSON.stringify({ do: what });
    await sqs.send(new SendMessageCommand({ QueueUrl: cloud.queues['fixture-queue']?.url, MessageBody }));
  }
  await allBatches;
  // Failed messages stay hidden, so the cloud does not become idle; wait only for the asynchronous invocations.
  while ((starts.get('fixture-commands')?.length ?? 0) < 3) await sleep(20);
  while ((await cloud.stats()).running > 0) await sleep(20);
}, 20_000);
afterAll(() => cloud.stop());

const gaps = (functionName: string) => {
  const times = starts.get(functionName) ?? [];
  return times.slice(1).map((time, index) => time - (times[index] ?? NaN));
};
const failures = async (queueName: string, WaitTimeSeconds = 0) => {
  const QueueUrl = cloud.queues[queueName]?.url;
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds });
  const { Messages = [] } = await new SQSClient(cloud.clientConfig()).send(receive);
  return Messages.map(({ Body }) => Body);
};

test('an event source mapping waits longer after each failed batch, and not after a successful one', async () => {
  const [first = 0, second = 0, third = 0, afterSuccess = 0, again = 0] = gaps('fixture-batches');
  expect(first).toBeGreaterThanOrEqual(245);
  expect(second).toBeGreaterThanOrEqual(495);
  expect(third).toBeGreaterThanOrEqual(995);
  expect(afterSuccess).toBeLessThan(1_500);
  // The first delay again, not the fourth of two seconds.
  expect(again).toBeGreaterThanOrEqual(245);
  expect(again).toBeLessThan(1_900);
  expect((await cloud.stats()).mappings[0]).toMatchObject({ invocations: 6, errors: 4 });
});

describe('an asynchronous invocation', () => {
  test('that fails is retried after one and after two more seconds, then sent to the failure destination', async () => {
    const [first = 0, second = 0, ...more] = gaps('fixture-commands');
    expect(more).toEqual([]);
    expect(first).toBeGreaterThanOrEqual(995);
    expect(first).toBeLessThan(1_990);
    expect(second).toBeGreaterThanOrEqual(1_995);
    await expect(failures('fixture-removals-a', 1)).resolves.toEqual([JSON.stringify(alwaysFails)]);
  });

  test('that succeeds on the first retry is not retried again', async () => {
    expect(starts.get('fixture-recovering')).toHaveLength(2);
    await expect(failures('fixture-removals-b')).resolves.toEqual([]);
  });
});
