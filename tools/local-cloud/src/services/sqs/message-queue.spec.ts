import { createRandom } from '@data-aggregator/shared-processing/testing';
import { createDueTimes } from './due-times.ts';
import { createMessageQueue, type MessageQueue, type QueueSettings } from './message-queue.ts';

const start = 1_000_000_000_000;
const hour = 3600;

/** A queue `source` whose dead letters go to `dead` after two receives, under a clock that only `pass` moves. */
function queues(settings: Partial<QueueSettings> = {}, inFlightLimit = 120_000) {
  let time = start;
  const byArn = new Map<string, MessageQueue>();
  const make = (name: string, more: Partial<QueueSettings>) => {
    const queue = createMessageQueue(
      {
        name,
        arn: name,
        visibilitySeconds: 30,
        retentionSeconds: 96 * hour,
        delaySeconds: 0,
        redrive: undefined,
        ...more,
      },
      { now: () => time, inFlightLimit, queueOf: (arn) => byArn.get(arn) },
    );
    byArn.set(name, queue);
    return queue;
  };
  const dead = make('dead', {});
  const queue = make('source', {
    redrive: { deadLetterArn: 'dead', maxReceiveCount: 2 },
    ...settings,
  });
  const pass = (seconds: number) => void (time += seconds * 1000);
  return { queue, dead, pass };
}
const send = (queue: MessageQueue, body = 'x', delaySeconds?: number) =>
  queue.send({ body, attributes: {} }, delaySeconds);
const receive = (queue: MessageQueue, max = 10, visibilitySeconds?: number) =>
  queue.receive({ max, visibilitySeconds, waitMs: 0 });
async function receiveOne(queue: MessageQueue, visibilitySeconds?: number) {
  const [receipt] = await receive(queue, 1, visibilitySeconds);
  if (!receipt) throw new Error('no message is visible');
  return receipt;
}
const bodies = async (queue: MessageQueue) => (await receive(queue)).map(({ message }) => message.body);

describe('a visibility timeout', () => {
  it('hides a message that was received until it ends', async () => {
    const { queue, pass } = queues();
    send(queue);
    await receiveOne(queue);
    pass(29.999);
    await expect(bodies(queue)).resolves.toEqual([]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    pass(0.001);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    await expect(bodies(queue)).resolves.toEqual(['x']);
  });

  it('can be set for one receive', async () => {
    const { queue, pass } = queues();
    send(queue);
    await receiveOne(queue, 5);
    pass(5);
    await expect(bodies(queue)).resolves.toEqual(['x']);
  });

  it.each([10, 60])('that is changed to %d s counts from the change', async (seconds) => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    pass(15);
    queue.changeVisibility(handle, seconds);
    pass(seconds - 0.001);
    expect(queue.depth().inFlight).toBe(1);
    pass(0.001);
    await expect(bodies(queue)).resolves.toEqual(['x']);
  });

  it('of one message changes without the others', async () => {
    const { queue, pass } = queues();
    for (const body of ['a', 'b', 'c']) send(queue, body);
    const [, second] = await receive(queue);
    queue.changeVisibility(second?.handle ?? '', 7);
    pass(7);
    await expect(bodies(queue)).resolves.toEqual(['b']);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 3, delayed: 0 });
  });

  it('of 0 makes the message receivable at once, and wakes a long poll', async () => {
    const { queue } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    const polled = queue.receive({ max: 1, visibilitySeconds: undefined, waitMs: 20_000 });
    queue.changeVisibility(handle, 0);
    await expect(polled).resolves.toMatchObject([{ message: { body: 'x', receiveCount: 2 } }]);
  });

  it('ends 12 hours after the receive at the latest, however often it is changed', async () => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    queue.changeVisibility(handle, 12 * hour);
    pass(hour);
    expect(() => queue.changeVisibility(handle, 11 * hour + 1)).toThrow(
      expect.objectContaining({
        code: 'InvalidParameterValue',
        message: expect.stringContaining('beyond the limit [43200 seconds]'),
      }),
    );
    queue.changeVisibility(handle, 11 * hour);
    pass(11 * hour);
    await expect(bodies(queue)).resolves.toEqual(['x']);
  });
});

describe('a change of the visibility timeout is refused', () => {
  const refusedWith = (code: string) => expect.objectContaining({ code });

  it('once the message has reappeared', async () => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    pass(30);
    expect(() => queue.changeVisibility(handle, 10)).toThrow(refusedWith('MessageNotInflight'));
  });

  it('once the message has been received again, by the older receipt handle', async () => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    pass(30);
    const again = await receiveOne(queue);
    expect(() => queue.changeVisibility(handle, 0)).toThrow(refusedWith('InvalidParameterValue'));
    queue.changeVisibility(again.handle, 0);
  });

  it('once the message has been deleted', async () => {
    const { queue } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    queue.remove(handle);
    expect(() => queue.changeVisibility(handle, 10)).toThrow(refusedWith('InvalidParameterValue'));
  });

  it('once the retention of the message has ended', async () => {
    const { queue, pass } = queues({ retentionSeconds: 60 });
    send(queue);
    const { handle } = await receiveOne(queue, 300);
    pass(60);
    expect(() => queue.changeVisibility(handle, 10)).toThrow(refusedWith('InvalidParameterValue'));
  });

  it.each([
    ['is no receipt handle', 'unknown'],
    ['is of another queue', Buffer.from('["other","1","2"]').toString('base64')],
  ])('if the handle %s', (_name, handle) => {
    const { queue } = queues();
    expect(() => queue.changeVisibility(handle, 10)).toThrow(refusedWith('ReceiptHandleIsInvalid'));
    expect(() => queue.remove(handle)).toThrow(refusedWith('ReceiptHandleIsInvalid'));
  });
});

describe('a delete', () => {
  it('removes a message whose visibility timeout has ended, by its latest handle', async () => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    pass(30);
    queue.remove(handle);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await expect(bodies(queue)).resolves.toEqual([]);
  });

  it('by an older handle leaves the message', async () => {
    const { queue, pass } = queues();
    send(queue);
    const { handle } = await receiveOne(queue);
    pass(30);
    await receiveOne(queue);
    queue.remove(handle);
    expect(queue.depth().inFlight).toBe(1);
  });
});

describe('the limit of messages in flight', () => {
  it('returns fewer messages than requested, and then OverLimit to short polls', async () => {
    const { queue, pass } = queues({}, 3);
    for (const body of ['a', 'b', 'c', 'd']) send(queue, body);
    await expect(receive(queue, 2)).resolves.toHaveLength(2);
    const [third, ...others] = await receive(queue);
    expect(others).toEqual([]);
    await expect(receive(queue)).rejects.toMatchObject({ code: 'OverLimit', status: 403 });
    queue.remove(third?.handle ?? '');
    await expect(bodies(queue)).resolves.toEqual(['d']);
    pass(30);
    await expect(receive(queue)).resolves.toHaveLength(3);
  });

  it('lets a long poll wait, without an error, until a message is deleted', async () => {
    const { queue } = queues({}, 1);
    send(queue, 'a');
    send(queue, 'b');
    const { handle } = await receiveOne(queue);
    const polled = queue.receive({ max: 1, visibilitySeconds: undefined, waitMs: 20_000 });
    queue.remove(handle);
    await expect(polled).resolves.toMatchObject([{ message: { body: 'b' } }]);
  });

  it('is 120,000 for a standard queue', async () => {
    const { queue } = queues();
    for (let sent = 0; sent < 120_001; sent++) send(queue);
    for (let received = 0; received < 120_000; received += 10) await receive(queue);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 120_000, delayed: 0 });
    await expect(receive(queue)).rejects.toMatchObject({ code: 'OverLimit' });
  });
});

describe('redrive', () => {
  it('counts every receive, and moves a message that would be received once too often', async () => {
    const { queue, dead, pass } = queues();
    const { id } = send(queue);
    for (const receiveCount of [1, 2]) {
      const { message, handle } = await receiveOne(queue);
      expect(message).toMatchObject({ receiveCount, firstReceivedAt: start });
      queue.changeVisibility(handle, 0);
    }
    pass(100);
    await expect(bodies(queue)).resolves.toEqual([]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receiveOne(dead)).toMatchObject({
      message: { id, sentAt: start, deadLetterSource: 'source' },
    });
  });

  it('keeps the time of sending: the retention of the dead-letter queue counts from there', async () => {
    const { queue, dead, pass } = queues({ visibilitySeconds: 24 * hour, retentionSeconds: 336 * hour });
    send(queue);
    await receiveOne(queue);
    pass(24 * hour);
    await receiveOne(queue);
    pass(24 * hour);
    await receive(queue);
    expect(dead.oldestSince()).toBe(start + 48 * hour * 1000);
    pass(48 * hour - 1);
    expect(dead.depth().visible).toBe(1);
    pass(1);
    expect(dead.depth().visible).toBe(0);
  });

  it('takes the next message where one was moved', async () => {
    const { queue, dead } = queues({ redrive: { deadLetterArn: 'dead', maxReceiveCount: 1 } });
    send(queue, 'bad');
    await receiveOne(queue, 0);
    send(queue, 'good');
    await expect(bodies(queue)).resolves.toEqual(['good']);
    await expect(bodies(dead)).resolves.toEqual(['bad']);
  });
});

describe('delay and retention', () => {
  it('delays a message by its own delay, or by that of the queue', async () => {
    const { queue, pass } = queues({ delaySeconds: 10 });
    send(queue, 'queue');
    send(queue, 'none', 0);
    send(queue, 'own', 900);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    await expect(bodies(queue)).resolves.toEqual(['none']);
    pass(10);
    await expect(bodies(queue)).resolves.toEqual(['queue']);
    pass(889);
    expect(queue.depth().delayed).toBe(1);
    pass(1);
    expect(queue.depth().delayed).toBe(0);
  });

  it('removes messages whose retention has ended: visible, delayed and in flight', async () => {
    const { queue, pass } = queues({ retentionSeconds: 60 });
    send(queue, 'in flight');
    await receiveOne(queue, 300);
    send(queue, 'visible');
    send(queue, 'delayed', 900);
    pass(59);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    send(queue, 'new');
    pass(1);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    await expect(bodies(queue)).resolves.toEqual(['new']);
  });
});

describe('the age of the oldest message', () => {
  it('counts messages in every state', async () => {
    const { queue, pass } = queues();
    expect(queue.oldestSince()).toBeUndefined();
    send(queue, 'delayed', 900);
    pass(1);
    send(queue);
    expect(queue.oldestSince()).toBe(start);
    const { handle } = await receiveOne(queue);
    expect(queue.oldestSince()).toBe(start);
    queue.remove(handle);
    expect(queue.oldestSince()).toBe(start);
  });

  it('leaves out a message that was received three times', async () => {
    const { queue, pass } = queues({ redrive: undefined });
    send(queue, 'poison');
    await receiveOne(queue, 0);
    await receiveOne(queue, 0);
    pass(5);
    send(queue, 'new');
    expect(queue.oldestSince()).toBe(start);
    await receive(queue);
    expect(queue.oldestSince()).toBe(start + 5000);
  });
});

it('a long poll ends after its wait, when the queue closes, or with a message that is sent', async () => {
  const real = createMessageQueue(
    { name: 'q', arn: 'q', visibilitySeconds: 30, retentionSeconds: 60, delaySeconds: 0, redrive: undefined },
    { now: Date.now, inFlightLimit: 10, queueOf: () => undefined },
  );
  const poll = (waitMs: number) => real.receive({ max: 10, visibilitySeconds: undefined, waitMs });
  await expect(poll(20)).resolves.toEqual([]);
  const sent = poll(20_000);
  send(real);
  await expect(sent).resolves.toHaveLength(1);
  const closed = poll(20_000);
  real.close();
  await expect(closed).resolves.toEqual([]);
});

it('due times come out in order', () => {
  const random = createRandom(1);
  const due = createDueTimes();
  const times = Array.from({ length: 500 }, () => random.below(200));
  for (const time of times) due.add(time, 'id');
  const taken: (number | undefined)[] = [];
  while (due.size() > 0) taken.push(due.take()?.at);
  expect(taken).toEqual([...times].sort((a, b) => a - b));
  expect(due.next()).toBeUndefined();
});
