import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type Cloud } from '../index.ts';
import { arnOf, writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

/*
 * When a function that fails is invoked again. Upper bounds are generous: they only tell the waits apart.
 */

/** One message a batch, and one batch at a time. */
const oneByOne = {
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'Batches' }, BatchSize: 1 },
  },
};
const invokeConfig = {
  InvokeConfig: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Commands' },
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: { Destination: arnOf('RemovalsA') } },
    },
  },
};

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({
    assembly: writeAssembly({ ...fixture, ...oneByOne, ...invokeConfig }),
    maxProcesses: 1,
  });
});
afterEach(() => cloud.stop());

/** When invocations of a function begin, in ms, while some work is done. */
async function startsDuring(functionName: string, work: () => Promise<unknown>): Promise<number[]> {
  const starts: number[] = [];
  const stopListening = cloud.onLog((line) => {
    if (line.functionName === functionName && line.text.startsWith('START ')) starts.push(performance.now());
  });
  await work();
  stopListening();
  return starts;
}
const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? NaN));

describe('an event source mapping', () => {
  test('waits between batches that fail, and goes on at once after one that succeeds', async () => {
    const sqs = new SQSClient(cloud.clientConfig());
    const bodies = ['throw', 'throw', 'throw', 'nothing', 'throw', 'nothing'];
    let begun = 0;
    const starts = await startsDuring('fixture-batches', async () => {
      const all = new Promise<void>((resolve) => {
        cloud.onLog(({ functionName, text }) => {
          if (functionName === 'fixture-batches' && text.startsWith('REPORT') && ++begun === bodies.length)
            resolve();
        });
      });
      for (const what of bodies) {
        const MessageBody = JSON.stringify({ do: what });
        await sqs.send(new SendMessageCommand({ QueueUrl: cloud.queues['fixture-queue']?.url, MessageBody }));
      }
      await all;
    });
    const [first = 0, second = 0, third = 0, afterSuccess = 0, again = 0] = gaps(starts);
    expect(first).toBeGreaterThanOrEqual(245);
    expect(second).toBeGreaterThanOrEqual(495);
    expect(third).toBeGreaterThanOrEqual(995);
    expect(afterSuccess).toBeLessThan(1_500);
    // The first wait again, and not the fourth, of two seconds.
    expect(again).toBeGreaterThanOrEqual(245);
    expect(again).toBeLessThan(1_900);
    expect((await cloud.stats()).mappings[0]).toMatchObject({ invocations: 6, errors: 4 });
  }, 20_000);
});

describe('an asynchronous invocation', () => {
  const invoke = (event: object) =>
    new LambdaClient(cloud.clientConfig()).send(
      new InvokeCommand({
        FunctionName: 'fixture-commands',
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
  const settle = async (event: object) => {
    await invoke(event);
    await cloud.idle();
  };
  const failures = async () => {
    const command = new ReceiveMessageCommand({
      QueueUrl: cloud.queues['fixture-removals-a']?.url,
      MaxNumberOfMessages: 10,
    });
    const { Messages = [] } = await new SQSClient(cloud.clientConfig()).send(command);
    return Messages.map(({ Body }) => Body);
  };

  test('that fails is tried twice more, a second and two seconds later, and then given up', async () => {
    const event = { do: 'throw', text: 'always' };
    const starts = await startsDuring('fixture-commands', () => settle(event));
    expect(starts).toHaveLength(3);
    const [first = 0, second = 0] = gaps(starts);
    expect(first).toBeGreaterThanOrEqual(995);
    expect(first).toBeLessThan(1_990);
    expect(second).toBeGreaterThanOrEqual(1_995);
    await expect(failures()).resolves.toEqual([JSON.stringify(event)]);
  }, 20_000);

  test('that succeeds the second time is not tried again', async () => {
    const starts = await startsDuring('fixture-commands', () => settle({ do: 'throw-once', text: 'a' }));
    expect(starts).toHaveLength(2);
    await expect(failures()).resolves.toEqual([]);
  }, 20_000);
});
