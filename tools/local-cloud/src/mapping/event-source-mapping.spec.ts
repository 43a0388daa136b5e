import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../apis/api.ts';
import type { FunctionModel, MappingModel, QueueModel } from '../assembly/model.ts';
import type { FunctionRunner } from '../lambda/function-runner.ts';
import { createSqs, type Sqs } from '../services/sqs.ts';
import { nextBackoff, startMapping, type EventSourceMapping } from './event-source-mapping.ts';

test('a mapping waits after an error, longer each time, up to ten seconds', () => {
  const waits: number[] = [];
  for (let wait = 0; waits.length < 8; waits.push(wait)) wait = nextBackoff(wait);
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

const queueNamed = (name: string, attributes: Record<string, string> = {}): QueueModel => ({
  name,
  arn: name,
  url: name,
  attributes,
  deadLetterArn: undefined,
  policy: [],
});

interface Invoked {
  /** How long ago the queue first delivered a message of the batch, in ms. */
  readonly afterReceive: number;
  readonly records: readonly { body: string; receiptHandle: string; receives: string }[];
}
/** @returns the bodies of failed items, or `throw` */
type Work = (invoked: Invoked) => readonly string[] | 'throw' | Promise<readonly string[] | 'throw'>;

interface Event {
  Records: {
    messageId: string;
    body: string;
    receiptHandle: string;
    attributes: { ApproximateReceiveCount: string; ApproximateFirstReceiveTimestamp: string };
  }[];
}

const mappings: EventSourceMapping[] = [];
const services: Sqs[] = [];
afterEach(async () => {
  const stopped = mappings.splice(0).map((mapping) => mapping.stop());
  for (const sqs of services.splice(0)) sqs.close();
  await Promise.all(stopped);
});

interface Setup {
  readonly work: Work;
  readonly mapping?: Partial<MappingModel>;
  readonly attributes?: Record<string, string>;
  readonly reservedConcurrency?: number;
  readonly running?: () => number;
  readonly inFlightLimit?: number;
  readonly wrap?: (sqs: Sqs) => Sqs;
}

/** A queue with messages, and a mapping to a function that only runs `work`. */
async function start(bodies: readonly string[], setup: Setup) {
  const { work, wrap = (sqs) => sqs, running = () => 0 } = setup;
  const queue = queueNamed('source', { VisibilityTimeout: '1', ...setup.attributes });
  const options = setup.inFlightLimit === undefined ? {} : { inFlightLimit: setup.inFlightLimit };
  const sqs = createSqs([queue, queueNamed('dead')], options);
  services.push(sqs);
  const invoked: Invoked[] = [];
  const failures: string[] = [];
  const model: FunctionModel = {
    name: 'fn',
    arn: 'fn',
    handler: 'index.handler',
    codeFolder: '',
    roleArn: '',
    memoryMb: 128,
    timeoutSeconds: 1,
    environment: {},
    reservedConcurrency: setup.reservedConcurrency,
    isTraced: false,
    logGroup: 'fn',
    logFormat: 'JSON',
    logLevel: undefined,
    asyncRetries: 0,
    asyncFailureQueueArn: undefined,
  };
  const runner: FunctionRunner = {
    model,
    invoke: async (payload) => {
      const event = JSON.parse(payload) as Event;
      const call: Invoked = {
        afterReceive: Math.max(
          ...event.Records.map(
            ({ attributes }) => Date.now() - Number(attributes.ApproximateFirstReceiveTimestamp),
          ),
        ),
        records: event.Records.map(({ body, receiptHandle, attributes }) => ({
          body,
          receiptHandle,
          receives: attributes.ApproximateReceiveCount,
        })),
      };
      invoked.push(call);
      const outcome = await work(call);
      if (outcome === 'throw') return { kind: 'error', requestId: '1', payload: '{}' };
      const batchItemFailures = event.Records.filter(({ body }) => outcome.includes(body)).map(
        ({ messageId }) => ({ itemIdentifier: messageId }),
      );
      return { kind: 'success', requestId: '1', payload: JSON.stringify({ batchItemFailures }) };
    },
    running,
    processes: () => [],
    redeploy: () => undefined,
    stop: async () => undefined,
  };
  for (const MessageBody of bodies) await sqs.perform('SendMessage', { QueueUrl: 'source', MessageBody });
  const mapping = startMapping({
    mapping: {
      uuid: 'uuid',
      arn: 'arn',
      functionName: 'fn',
      queueArn: 'source',
      batchSize: 10,
      windowSeconds: 0,
      maxConcurrency: undefined,
      reportsItemFailures: true,
      enabled: true,
      ...setup.mapping,
    },
    queue,
    runner,
    sqs: wrap(sqs),
    region: 'eu-central-1',
    maxProcesses: 10,
    onFailure: (reason) => failures.push(reason),
  });
  mappings.push(mapping);
  return { sqs, mapping, invoked, failures, depth: () => sqs.depths().get('source') };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(5)) if (condition()) return;
  throw new Error('the condition never came true');
}
const empty = { visible: 0, inFlight: 0, delayed: 0 };

describe('a partial batch response', () => {
  test('deletes the successful messages and leaves the others hidden until their timeout ends', async () => {
    const { invoked, depth } = await start(['good', 'bad'], {
      work: ({ records }) => (records[0]?.receives === '1' ? ['bad'] : []),
    });
    await until(() => invoked.length === 1 && depth()?.inFlight === 1);
    expect(depth()).toEqual({ ...empty, inFlight: 1 });
    await until(() => invoked.length === 2);
    expect(invoked[1]?.records).toMatchObject([{ body: 'bad', receives: '2' }]);
    expect(invoked[1]?.afterReceive).toBeGreaterThanOrEqual(990);
    await until(() => depth()?.inFlight === 0);
    expect(depth()).toEqual(empty);
  });

  test('keeps the visibility timeout that the function itself has set', async () => {
    const change = (sqs: Sqs, ReceiptHandle: string, VisibilityTimeout: number) =>
      sqs.perform('ChangeMessageVisibility', { QueueUrl: 'source', ReceiptHandle, VisibilityTimeout });
    const changed = { now: 0, later: 900 };
    const cloud = { sqs: undefined as Sqs | undefined };
    const { invoked, depth } = await start(['now', 'later'], {
      attributes: { VisibilityTimeout: '600' },
      wrap: (sqs) => (cloud.sqs = sqs),
      work: async ({ records }) => {
        if (!cloud.sqs || records[0]?.receives !== '1') return [];
        for (const { body, receiptHandle } of records) {
          await change(cloud.sqs, receiptHandle, body === 'now' ? changed.now : changed.later);
        }
        return ['now', 'later'];
      },
    });
    await until(() => invoked.length === 2 && depth()?.inFlight === 1);
    expect(invoked[1]?.records).toMatchObject([{ body: 'now', receives: '2' }]);
    expect(depth()).toEqual({ ...empty, inFlight: 1 });
  });
});

test('an invocation that throws deletes nothing, and its messages return when their timeout ends', async () => {
  let throws = true;
  const { invoked, depth, mapping } = await start(['a', 'b'], { work: () => (throws ? 'throw' : []) });
  await until(() => mapping.stats().errors === 1);
  throws = false;
  expect(depth()).toEqual({ ...empty, inFlight: 2 });
  await until(() => invoked.length === 2);
  expect(invoked[1]?.records).toMatchObject([
    { body: 'a', receives: '2' },
    { body: 'b', receives: '2' },
  ]);
  expect(invoked[1]?.afterReceive).toBeGreaterThanOrEqual(990);
});

test('every receive by the mapping counts, and after the maximum a message goes to the dead-letter queue', async () => {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'dead', maxReceiveCount: 2 });
  const { sqs, invoked, depth } = await start(['bad'], {
    attributes: { VisibilityTimeout: '0', RedrivePolicy },
    work: () => ['bad'],
  });
  await until(() => sqs.depths().get('dead')?.visible === 1);
  expect(invoked.map(({ records }) => records[0]?.receives)).toEqual(['1', '2']);
  expect(depth()).toEqual(empty);
});

test('a mapping at its maximum concurrency receives nothing', async () => {
  const held = Promise.withResolvers<readonly string[]>();
  const { depth, invoked } = await start(['1', '2', '3', '4', '5'], {
    attributes: { VisibilityTimeout: '600' },
    mapping: { batchSize: 1, maxConcurrency: 2 },
    work: () => held.promise,
  });
  await until(() => invoked.length === 2);
  await sleep(50);
  expect(depth()).toEqual({ visible: 3, inFlight: 2, delayed: 0 });
  held.resolve([]);
  await until(() => depth()?.visible === 0 && depth()?.inFlight === 0);
  expect(invoked.map(({ records }) => records[0]?.receives)).toEqual(['1', '1', '1', '1', '1']);
});

describe('a throttled function', () => {
  test('is invoked once it has capacity, while the messages are still hidden', async () => {
    let running = 1;
    const { invoked, depth } = await start(['x'], {
      attributes: { VisibilityTimeout: '600' },
      reservedConcurrency: 1,
      running: () => running,
      work: () => [],
    });
    await until(() => depth()?.inFlight === 1);
    await sleep(50);
    expect(invoked).toEqual([]);
    running = 0;
    await until(() => invoked.length === 1);
    expect(invoked[0]?.records).toMatchObject([{ body: 'x', receives: '1' }]);
  });

  test('never gets messages whose visibility timeout has ended: they use up a receive', async () => {
    let running = 1;
    const { invoked, depth, failures, mapping } = await start(['x'], {
      reservedConcurrency: 1,
      running: () => running,
      work: () => [],
    });
    await until(() => failures.length === 1);
    expect(failures).toEqual(['throttled: the messages return to the queue']);
    expect(invoked).toEqual([]);
    expect(mapping.stats()).toMatchObject({ invocations: 0, errors: 0 });
    running = 0;
    await until(() => invoked.length === 1 && depth()?.inFlight === 0);
    expect(invoked[0]?.records).toMatchObject([{ body: 'x', receives: '2' }]);
  });
});

describe('at the limit of messages in flight', () => {
  test('a mapping waits until a message is deleted', async () => {
    const held = Promise.withResolvers<readonly string[]>();
    const { invoked, depth, failures } = await start(['a', 'b'], {
      attributes: { VisibilityTimeout: '600' },
      mapping: { batchSize: 1 },
      inFlightLimit: 1,
      work: () => held.promise,
    });
    await until(() => invoked.length === 1);
    await sleep(50);
    expect(depth()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
    held.resolve([]);
    await until(() => invoked.length === 2);
    expect(failures).toEqual([]);
  });

  test('a mapping that happens to use a short poll continues', async () => {
    let refusals = 2;
    const { invoked, failures } = await start(['a'], {
      work: () => [],
      wrap: (sqs) => ({
        ...sqs,
        perform: async (operation, input) => {
          if (operation === 'ReceiveMessage' && refusals-- > 0) throw new ApiError('OverLimit', 'full', 403);
          return sqs.perform(operation, input);
        },
      }),
    });
    await until(() => invoked.length === 1);
    expect(failures).toEqual([]);
  });
});

describe('releasing hidden messages', () => {
  test('makes messages of ended invocations visible, and counts only those that were hidden', async () => {
    const { mapping, invoked, depth } = await start(['bad'], {
      attributes: { VisibilityTimeout: '600' },
      work: ({ records }) => (records[0]?.receives === '3' ? [] : ['bad']),
    });
    for (const invocations of [1, 2]) {
      await until(() => mapping.stats().itemFailures === invocations);
      await expect(mapping.releaseHidden()).resolves.toBe(1);
      await expect(mapping.releaseHidden()).resolves.toBe(0);
    }
    await until(() => invoked.length === 3 && depth()?.inFlight === 0);
  });

  test('does not count a message that has reappeared by itself', async () => {
    const { mapping, depth } = await start(['bad'], { work: () => ['bad'] });
    mapping.update({ enabled: false });
    await until(() => mapping.stats().itemFailures === 1 && depth()?.visible === 1);
    await expect(mapping.releaseHidden()).resolves.toBe(0);
  });
});
