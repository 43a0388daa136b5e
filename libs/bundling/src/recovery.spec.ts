import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import type { Message } from '@data-aggregator/shared-processing/sqs';
import { handleMessages } from './handle.ts';
import { createRing } from './ring.ts';
import { harness } from './testing/harness.ts';

const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
const throttled = new CallError('a call', { outcome: 'throttled', code: 'SlowDown', status: 503 });
const refused = new CallError('a call', { outcome: 'refused', code: 'NoSuchBucket', status: 404 });
const GRACE_SECONDS = 30;
const INVOCATION_SECONDS = 60;
/** Of an invocation: the time to build, in ms. */
const BUILD_MS = 42_000;

const received = (message: Message, receives: number): Message => ({
  ...message,
  attributes: { ApproximateReceiveCount: String(receives) },
});

type Harness = ReturnType<typeof harness>;

/** Kills an invocation once it has claimed its members, and lets its claims expire. */
async function killed(h: Harness, batch: readonly Message[]): Promise<void> {
  const died = new Promise<never>(() => undefined);
  const dependencies = h.dependencies();
  const claimed = new Promise<void>((resolve) => {
    dependencies.newWriter = () => {
      resolve();
      throw died;
    };
    dependencies.ledger.release = () => died;
  });
  void handleMessages(batch, h.clock.now() + 60_000, dependencies).catch(() => undefined);
  await claimed;
  h.clock.advance(100_000);
}

describe('a message that returns', () => {
  it('costs no request as long as everything works', async () => {
    const h = harness();
    await h.handle([h.notify(h.land('a', 'x'))]);
    expect(h.returning).toEqual([]);
  });

  it('returns when the claim of the current builder has expired', async () => {
    const h = harness();
    const message = h.notify(h.land('a', 'x'));
    const other = h.dependencies();
    other.newWriter = () => {
      throw new SystemFault('it is still at work');
    };
    other.ledger.release = async () => undefined;
    await expect(handleMessages([message], h.clock.now() + 60_000, other)).rejects.toThrow(SystemFault);
    h.returning.length = 0;
    await h.handle([message]);
    expect(h.returning).toEqual([
      { receiptHandle: message.receiptHandle, seconds: INVOCATION_SECONDS + GRACE_SECONDS + 1 },
    ]);
  });

  it.each([
    [1, 2],
    [3, 8],
    [9, 60],
  ])('backs off with each receive when S3 fails: %i', async (receives, seconds) => {
    const h = harness({ store: (store) => ({ ...store, get: async () => Promise.reject(throttled) }) });
    const message = received(h.notify(h.land('a', 'x')), receives);
    await expect(h.handle([message])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    expect(h.returning).toEqual([{ receiptHandle: message.receiptHandle, seconds }]);
  });

  it('waits for an unpublished bundle to become final', async () => {
    const h = harness({
      store: (store) => ({
        ...store,
        put: (object) => (object.bucket === 'distribution' ? Promise.reject(lost) : store.put(object)),
      }),
    });
    const message = h.notify(h.land('a', 'x'));
    await h.handle([message]);
    expect(h.returning).toEqual([
      { receiptHandle: message.receiptHandle, seconds: INVOCATION_SECONDS + GRACE_SECONDS + 1 },
    ]);
  });

  it('does not delay the response to Lambda beyond half a second before the deadline', async () => {
    const h = harness({ store: (store) => ({ ...store, get: async () => Promise.reject(throttled) }) });
    const deadline = h.clock.now() + 60_000;
    const aborted: boolean[] = [];
    const dependencies = h.dependencies();
    dependencies.visibility = {
      change: async (_changes, signal) => {
        for (const moment of [deadline - 501, deadline - 500]) {
          h.clock.advance(moment - h.clock.now());
          aborted.push(signal?.aborted === true);
        }
      },
    };
    await handleMessages([h.notify(h.land('a', 'x'))], deadline, dependencies);
    expect(aborted).toEqual([false, true]);
  });

  it('returns after its back-off even if the whole batch fails', async () => {
    const h = harness({ table: (table) => ({ ...table, put: () => Promise.reject(refused) }) });
    const batch = [received(h.notify(h.land('a', 'x')), 2), received(h.notify(h.land('b', 'y')), 4)];
    await expect(h.handle(batch)).rejects.toThrow(SystemFault);
    expect(h.returning).toEqual([
      { receiptHandle: batch[0]?.receiptHandle, seconds: 4 },
      { receiptHandle: batch[1]?.receiptHandle, seconds: 16 },
    ]);
  });
});

describe('an object that is too large for a batch', () => {
  const large = Buffer.alloc(1_000, 'x');

  it('is forwarded with its own record, and not claimed', async () => {
    const h = harness({ forwardBytes: 500 });
    const [big, limit, small] = [
      h.land('big', large),
      h.land('limit', large.subarray(500)),
      h.land('small', 'y'),
    ];
    await expect(h.handle([h.notify(big, limit, small)])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.forwarded.map(({ body }) => JSON.parse(body))).toEqual([{ Records: [big] }]);
    expect((await h.delivered()).map(([name]) => name)).toEqual(['limit', 'small']);
    expect([...h.items.items.keys()].filter((id) => id.startsWith('claim#'))).toHaveLength(2);
    expect(h.counts).toMatchObject({ Forwarded: 1, Bundled: 2 });
  });

  it('is forwarded, and its claim released, if it is larger than its notification says', async () => {
    const h = harness({ forwardBytes: 500 });
    const record = h.land('grown', large);
    const grown = { ...record, s3: { ...record.s3, object: { ...record.s3.object, size: 10 } } };
    await expect(h.handle([h.notify(grown)])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.forwarded).toHaveLength(1);
    expect(h.items.items.size).toBe(0);
  });

  it('returns to its queue if the other queue does not accept it', async () => {
    const h = harness({ forwardBytes: 500 });
    const dependencies = h.dependencies();
    dependencies.largeObjects = { send: async (messages) => messages.map(() => false) };
    const message = h.notify(h.land('big', large));
    await expect(handleMessages([message], h.clock.now() + 60_000, dependencies)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    expect(h.returning).toHaveLength(1);
  });

  it('is bundled by the function itself in a direct invocation', async () => {
    const h = harness({ forwardBytes: 500 });
    await expect(h.invoke({ Records: [h.land('big', large)] })).resolves.toMatchObject({ bundled: 1 });
    expect(h.forwarded).toEqual([]);
  });
});

describe("an object's own budget", () => {
  it('is not spent by an outage of the distribution bucket', async () => {
    let isDown = true;
    const h = harness({
      store: (store) => ({
        ...store,
        put: (object) =>
          isDown && object.bucket === 'distribution' ? Promise.reject(lost) : store.put(object),
      }),
    });
    const batch = ['a', 'b'].map((key) => h.notify(h.land(key, key)));
    for (let receives = 1; receives <= 20; receives++) {
      await h.handle(batch.map((message) => received(message, receives)));
      h.clock.advance(100_000);
    }
    expect(h.deadLetters).toEqual([]);
    isDown = false;
    await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(h.bundles()).toHaveLength(1);
  });

  it('is not spent by a bundle of many that is closed when time runs out, and cannot be published', async () => {
    const h: Harness = harness({
      store: (store) => ({
        ...store,
        get: async (request) => {
          if (request.key === 'b') h.clock.advance(BUILD_MS);
          return store.get(request);
        },
        put: async (object) => {
          h.clock.advance(10_000);
          await store.put(object);
        },
      }),
    });
    const [a, b] = [h.notify(h.land('a', 'x')), h.notify(h.land('b', 'y'))];
    const dependencies = h.dependencies();
    dependencies.readAhead = { ring: createRing(1_000), maxReads: 1 };
    await expect(handleMessages([a, b], h.clock.now() + 60_000, dependencies)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: a.messageId }],
    });
    expect(h.requeued).toHaveLength(1);
    // A count of failures would be an item.
    expect(h.items.items.size).toBe(0);
  });

  it('isolates members whose builders die, and refuses the one whose builder dies when it is alone', async () => {
    const h = harness();
    const batch = ['a', 'b', 'killer'].map((key) => h.notify(h.land(key, key)));
    for (let death = 1; death <= 4; death++) await killed(h, batch);
    // After four deaths each member is alone. The first two are delivered before the third kills its builder.
    await h.handle(batch.slice(0, 2));
    expect(h.bundles()).toHaveLength(2);
    const killer = batch.slice(2);
    await killed(h, killer);
    await killed(h, killer);
    await expect(h.handle(killer)).resolves.toEqual({ batchItemFailures: [] });
    expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'builder-died' } }]);
    // A redrive starts with a fresh budget: only the delivered two still have claims.
    expect([...h.items.items.keys()].filter((id) => id.startsWith('claim#'))).toHaveLength(2);
    await expect(h.handle(killer)).resolves.toEqual({ batchItemFailures: [] });
    expect((await h.delivered()).map(([name]) => name)).toEqual(['a', 'b', 'killer']);
  });

  describe('a large object that does not finish in time', () => {
    const content = Buffer.alloc(300_000, 'x');
    /** Every read of `slow` fails after this time. The second attempt copies it, unless a setting decides how it is bundled. */
    const setUp = (ms = BUILD_MS, copyAboveBytes?: number) => {
      const h: Harness = harness({
        ...(copyAboveBytes !== undefined && { copyAboveBytes }),
        store: (store) => ({
          ...store,
          get: async (request) => {
            if (request.key !== 'slow') return store.get(request);
            h.clock.advance(ms);
            throw lost;
          },
        }),
      });
      return h;
    };

    it('is refused at the third failure, if it had an invocation to itself', async () => {
      const h = setUp();
      const message = h.notify(h.land('slow', content));
      const returns = { batchItemFailures: [{ itemIdentifier: message.messageId }] };
      await expect(h.handle([message])).resolves.toEqual(returns);
      await expect(h.handle([message])).resolves.toEqual(returns);
      await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
      expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'too-slow' } }]);
    });

    it.each([
      ['streamed', 300_000],
      ['copied', 200_000],
    ])('is not blamed for a failure that left time: %s', async (_how, copyAboveBytes) => {
      const h = setUp(1_000, copyAboveBytes);
      const message = h.notify(h.land('slow', content));
      for (let receives = 1; receives <= 5; receives++) await h.handle([message]);
      expect(h.deadLetters).toEqual([]);
    });

    it('is not blamed for time that another object took', async () => {
      const h = setUp();
      const slow = h.notify(h.land('slow', content));
      for (let receives = 1; receives <= 5; receives++) {
        const dependencies = h.dependencies();
        const { newWriter } = dependencies;
        dependencies.newWriter = (...given) => {
          h.clock.advance(10_000);
          return newWriter(...given);
        };
        const first = h.notify(h.land(`first ${receives}`, content));
        await handleMessages([first, slow], h.clock.now() + 60_000, dependencies);
      }
      expect(h.deadLetters).toEqual([]);
    });
  });
});
