import { collectBatch, type BatchItem, type CollectOptions } from './collect.ts';

const item = (id: number, bytes = 100): BatchItem => ({
  message: {
    MessageId: String(id),
    ReceiptHandle: 'h',
    Body: '',
    MD5OfBody: '',
    Attributes: {},
    MessageAttributes: {},
    MD5OfMessageAttributes: undefined,
  },
  receivedAt: 0,
  record: 'x'.repeat(bytes),
});
const ids = (items: readonly BatchItem[]) => items.map(({ message }) => Number(message.MessageId));

/** A queue in which messages appear at given times; waiting moves the clock. */
function queueOf(arrivals: readonly { at: number; bytes?: number }[]) {
  let time = 0;
  let next = 0;
  const receive: CollectOptions['receive'] = async (count, waitMs) => {
    const first = arrivals[next]?.at ?? Infinity;
    if (first > time) time = Math.min(first, time + waitMs);
    const items: BatchItem[] = [];
    while (items.length < count && (arrivals[next]?.at ?? Infinity) <= time) {
      items.push(item(next, arrivals[next]?.bytes));
      next++;
    }
    return items;
  };
  return { receive, now: () => time };
}

const collect = (
  arrivals: readonly { at: number; bytes?: number }[],
  options: Partial<CollectOptions>,
  leftOver: readonly BatchItem[] = [],
) =>
  collectBatch(leftOver, {
    size: 100,
    windowMs: 1000,
    maxBytes: 6_000_000,
    stopped: () => false,
    ...queueOf(arrivals),
    ...options,
  });

test('a batch closes when its window ends, counted from the first message', async () => {
  const { batch } = await collect([{ at: 300 }, { at: 900 }, { at: 1299 }, { at: 1301 }], {});
  expect(ids(batch)).toEqual([0, 1, 2]);
});

test('a batch closes when it has the maximum number of messages', async () => {
  const { batch, rest } = await collect(
    Array.from({ length: 30 }, () => ({ at: 0 })),
    { size: 25 },
  );
  expect(batch).toHaveLength(25);
  expect(rest).toEqual([]);
});

test('a batch closes before it exceeds the event size; the remaining messages start the next batch', async () => {
  const { batch, rest } = await collect(
    Array.from({ length: 10 }, () => ({ at: 0, bytes: 100 })),
    { maxBytes: 450 },
  );
  expect(ids(batch)).toEqual([0, 1, 2, 3]);
  expect(ids(rest)).toEqual([4, 5, 6, 7, 8, 9]);
  const following = await collect([], { maxBytes: 450 }, rest);
  expect(ids(following.batch)).toEqual([4, 5, 6, 7]);
});

test('a message too large for an event has its own batch', async () => {
  const { batch } = await collect([{ at: 0, bytes: 1000 }, { at: 0 }], { maxBytes: 450 });
  expect(ids(batch)).toEqual([0]);
});

test('without a window, a batch contains the messages of one receive', async () => {
  const { batch } = await collect([{ at: 0 }, { at: 0 }, { at: 1 }], { windowMs: 0, size: 10 });
  expect(ids(batch)).toEqual([0, 1]);
});

test('a stopped mapping collects nothing', async () => {
  const { batch } = await collect([{ at: 0 }], { stopped: () => true });
  expect(batch).toEqual([]);
});
