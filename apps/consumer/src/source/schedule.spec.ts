import { bundleOf, keyOf } from '../testing/bundles.ts';
import { consumerClock, consumerOf, memoryQueue, refused } from '../testing/consumer.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { type Hook, memoryBuckets } from '../testing/memory-buckets.ts';
import type { Consuming } from './consume.ts';

const stopped = new Error('ended by SIGTERM');
const fault = new TypeError('a fault of the program');
const SETTINGS = { listEveryMs: 45_500, lostAfterMs: 91_000 };

/** A consumer to run, and what it does. The time in seconds comes first: `20 poll for 6`. */
function prepared(hook: Hook = () => undefined) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const clock = consumerClock(signal);
  const timeline: string[] = [];
  let end = Infinity;
  const note = (what: string) => {
    timeline.push(`${clock.now() / 1000} ${what}`);
    if (timeline.length > 100) stopping.abort(new Error('the consumer does not rest'));
    if (clock.now() >= end) stopping.abort(stopped);
  };
  const buckets = memoryBuckets((call, when) => {
    if (when === 'before') note(call.name);
    hook(call, when);
  });
  const messages = memoryQueue();
  const queue: typeof messages.queue = {
    ...messages.queue,
    async receive(seconds) {
      signal.throwIfAborted();
      note(`poll for ${seconds}`);
      if (messages.waiting.length === 0) await clock.sleep(seconds * 1000);
      return messages.queue.receive(seconds, signal);
    },
  };
  /** Runs the consumer until it does something at this time or later. */
  async function runUntil(second: number, folder: string, changes: Partial<Consuming> = {}) {
    end = second * 1000;
    const consumer = await consumerOf(folder, buckets, { clock, signal, queue, ...SETTINGS, ...changes });
    await expect(consumer.run()).rejects.toBe(stopped);
    return { ...consumer, timeline };
  }
  return { buckets, clock, messages, signal, note, runUntil };
}

const bundle = (number: number) => bundleOf(keyOf(number), [{ name: 'a', content: `${number}` }]);

it('lists at the start, and then waits for messages until the next listing is due', () =>
  inFolder(async (folder) => {
    const { timeline } = await prepared().runUntil(92, folder);
    expect(timeline).toEqual([
      ...['0 list', '0 poll for 20', '20 poll for 20', '40 poll for 6'],
      ...['46 list', '46 poll for 20', '66 poll for 20', '86 poll for 6', '92 list'],
    ]);
  }));

it('without a queue only lists', () =>
  inFolder(async (folder) => {
    const { timeline } = await prepared().runUntil(136, folder, { queue: undefined });
    expect(timeline).toEqual(['0 list', '45.5 list', '91 list', '136.5 list']);
  }));

describe('a listing', () => {
  it('at the start processes young bundles too, without a request for their receipts', () =>
    inFolder(async (folder) => {
      const { buckets, runUntil } = prepared();
      buckets.publish(await bundle(1));
      const { timeline } = await runUntil(1, folder);
      expect(timeline.slice(0, 6)).toEqual([
        ...['0 list', '0 manifest', '0 get', '0 putReceipt', '0 remove', '0 poll for 20'],
      ]);
    }));

  it('processes young bundles too if those before it have failed', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { buckets, runUntil } = prepared(({ name }, when) => {
        if (name === 'list' && when === 'before' && ++failures === 1) throw refused();
      });
      buckets.publish(await bundle(1));
      const { timeline } = await runUntil(1, folder);
      expect(timeline.slice(0, 4)).toEqual(['0 list', '0.5 list', '0.5 manifest', '0.5 get']);
    }));

  it.each([
    ['with a queue leaves a young bundle to its message', true, 46_001, ['92 receipt', '92 get']],
    ['with a queue processes a bundle of that age', true, 46_000, ['46 receipt', '46 get']],
    ['without a queue processes a young bundle', false, 46_001, ['45.5 get']],
  ])('later on %s', (_what, hasQueue, lostAfterMs, expected) =>
    inFolder(async (folder) => {
      const late = await bundle(1);
      const { buckets, clock, runUntil } = prepared(({ name }, when) => {
        if (name === 'list' && when === 'after' && clock.now() === 0) buckets.publish(late);
      });
      const { timeline } = await runUntil(93, folder, {
        lostAfterMs,
        ...(!hasQueue && { queue: undefined }),
      });
      expect(timeline.filter((entry) => / (receipt|get)$/.test(entry))).toEqual(expected);
      expect(visibleFiles(folder)).not.toEqual({});
    }),
  );

  it('follows soon after a bundle could not be processed, found by a message or by a listing', () =>
    inFolder(async (folder) => {
      const late = await bundle(1);
      let attempts = 0;
      const { buckets, clock, messages, runUntil } = prepared(({ name }, when) => {
        if (name === 'list' && when === 'after' && clock.now() === 0) {
          buckets.publish(late);
          messages.send(late.key);
        }
        if (name === 'manifest' && when === 'before' && ++attempts <= 2) throw fault;
      });
      const { timeline } = await runUntil(30, folder);
      expect(timeline.filter((entry) => / (list|manifest|poll.*)$/.test(entry))).toEqual([
        ...['0 list', '0 poll for 20', '0 manifest', '0 poll for 5'],
        ...['5 list', '5 manifest', '5 poll for 5'],
        ...['10 list', '10 manifest', '10 poll for 20', '30 poll for 20'],
      ]);
    }));
});

it('does not delay a listing that is due soon because of a message whose bundle fails', () =>
  inFolder(async (folder) => {
    const late = await bundle(1);
    const { note, clock, messages, buckets, runUntil } = prepared(({ name }, when) => {
      if (name === 'manifest' && when === 'before') throw fault;
    });
    const receive = async (seconds: number) => {
      note(`poll for ${seconds}`);
      if (clock.now() === 20_000 && buckets.bundles.size === 0) {
        buckets.publish(late);
        return [{ receiptHandle: 'a', keys: [late.key], receives: 1 }];
      }
      await clock.sleep(seconds * 1000);
      return [];
    };
    const queue = { ...messages.queue, receive };
    const { timeline } = await runUntil(23, folder, { queue, listEveryMs: 23_000 });
    expect(timeline.slice(0, 6)).toEqual([
      ...['0 list', '0 poll for 20', '20 poll for 3', '20 manifest', '20 poll for 3', '23 list'],
    ]);
  }));

describe('while something stops the work', () => {
  it('messages stay in the queue, and listings show when it ends', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { buckets, runUntil } = prepared(({ name }, when) => {
        if (name === 'get' && when === 'before' && ++failures <= 3) throw refused();
      });
      buckets.publish(await bundle(1));
      const { timeline, events } = await runUntil(4, folder);
      expect(timeline.filter((entry) => / (list|get|poll.*)$/.test(entry))).toEqual([
        ...['0 list', '0 get', '0.5 list', '0.5 get', '1.5 list', '1.5 get'],
        ...['3.5 list', '3.5 get', '3.5 poll for 20', '23.5 poll for 20'],
      ]);
      expect(events.map(({ event }) => event)).toEqual([
        'stopped.refused',
        'bundle.delivered',
        'continued.refused',
      ]);
    }));

  it('and so listings fail, it lists until one succeeds', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { runUntil } = prepared(({ name }, when) => {
        if (name === 'list' && when === 'before' && ++failures <= 3) throw refused();
      });
      const { timeline, events } = await runUntil(4, folder);
      expect(timeline).toEqual([
        ...['0 list', '0.5 list', '1.5 list', '3.5 list', '3.5 poll for 20', '23.5 poll for 20'],
      ]);
      expect(events).toMatchObject([
        { event: 'stopped.refused' },
        { event: 'continued.refused', seconds: 4 },
      ]);
    }));

  it('and only the queue shows it, it lists, and tries to receive, less and less often', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { note, clock, messages, runUntil } = prepared();
      const receive = async () => {
        note('poll');
        await clock.sleep(0);
        if (++failures <= 4) throw refused();
        return messages.queue.receive(0, new AbortController().signal);
      };
      const { timeline, events } = await runUntil(7.5, folder, { queue: { ...messages.queue, receive } });
      expect(timeline.slice(0, 10)).toEqual([
        ...['0 list', '0 poll', '0.5 list', '0.5 poll', '1.5 list', '1.5 poll'],
        ...['3.5 list', '3.5 poll', '7.5 list', '7.5 poll'],
      ]);
      expect(events).toMatchObject([
        { event: 'stopped.refused' },
        { event: 'continued.refused', seconds: 8 },
      ]);
    }));

  it('and its bundle is not tried for a moment, it does not continue', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { buckets, runUntil } = prepared(({ name }, when) => {
        if (name === 'get' && when === 'before' && ++failures === 1) throw refused();
      });
      buckets.publish(await bundle(1));
      // The first number is for the bundle, which is left alone for 0.999 s; the second for the wait of 0.5 s.
      const numbers = [0.999];
      const { timeline, events } = await runUntil(2, folder, { random: () => numbers.shift() ?? 0 });
      expect(timeline.slice(0, 5)).toEqual(['0 list', '0 manifest', '0 get', '0.5 list', '1.5 list']);
      expect(events.map(({ event }) => event)).toEqual([
        ...['stopped.refused', 'bundle.delivered', 'continued.refused'],
      ]);
    }));

  it('and the bundle that showed it is gone, it continues', () =>
    inFolder(async (folder) => {
      const { buckets, runUntil } = prepared(({ name }, when) => {
        if (name !== 'get' || when !== 'before') return;
        buckets.bundles.clear();
        throw refused();
      });
      buckets.publish(await bundle(1));
      const { events } = await runUntil(4, folder);
      expect(events.map(({ event }) => event)).toEqual(['stopped.refused', 'continued.refused']);
    }));
});

describe('a bundle that an earlier process has planned', () => {
  it('is finished before anything else, although it is no longer in the bucket', () =>
    inFolder(async (folder) => {
      await plan(1, folder);
      const { timeline, events } = await prepared().runUntil(1, folder);
      expect(timeline.slice(0, 4)).toEqual(['0 putReceipt', '0 remove', '0 list', '0 poll for 20']);
      expect(events).toMatchObject([
        { event: 'bundle.resumed', bundle: keyOf(1) },
        { event: 'bundle.delivered' },
      ]);
      expect(Object.values(visibleFiles(folder))).toEqual(['1']);
    }));

  it('is tried again while something stops the work, and nothing else begins', () =>
    inFolder(async (folder) => {
      for (const number of [1, 2]) await plan(number, folder);
      let failures = 0;
      const { runUntil } = prepared(({ name }, when) => {
        if (name === 'putReceipt' && when === 'before' && ++failures <= 2) throw refused();
      });
      const { timeline } = await runUntil(2, folder);
      expect(timeline.slice(0, 7)).toEqual([
        ...['0 putReceipt', '0.5 putReceipt', '1.5 putReceipt', '1.5 remove'],
        ...['1.5 putReceipt', '1.5 remove', '1.5 list'],
      ]);
      expect(Object.values(visibleFiles(folder))).toEqual(['1', '2']);
    }));

  it('does not keep the others waiting if it always fails', () =>
    inFolder(async (folder) => {
      for (const number of [1, 2]) await plan(number, folder);
      let failures = 0;
      const { buckets, runUntil } = prepared(({ name, key }, when) => {
        if (when === 'after') return;
        if (name === 'putReceipt' && key === keyOf(1)) throw fault;
        // Only another listing can show that this is over.
        if (name === 'list' && ++failures === 1) throw refused();
      });
      for (const number of [1, 2, 3]) buckets.publish(await bundle(number));
      const { timeline } = await runUntil(60, folder);
      expect(Object.values(visibleFiles(folder))).toEqual(['2', '3']);
      // It is still tried again, less and less often. Two of these are for the others.
      expect(timeline.filter((entry) => entry.endsWith('putReceipt'))).toEqual(
        [0, 0, 0.5, 0.5, 5.5, 10.5, 15.5, 25.5, 40.5, 55.5].map((second) => `${second} putReceipt`),
      );
      expect([...buckets.bundles.keys()]).toEqual([keyOf(1)]);
    }));
});

describe('pending hooks', () => {
  it.each([
    ['with a queue', true, ['0 hooks', '66 hooks', '132 hooks']],
    ['without a queue', false, ['0 hooks', '60 hooks', '120 hooks']],
  ])('%s are tried again every minute, and counted', (_what, hasQueue, expected) =>
    inFolder(async (folder) => {
      let pending = 3;
      const { note, runUntil } = prepared();
      const retryHooks = async () => {
        note('hooks');
        return --pending;
      };
      const changes = hasQueue ? {} : { queue: undefined, listEveryMs: 300_000 };
      const { timeline, figures } = await runUntil(120, folder, { retryHooks, ...changes });
      expect(timeline.filter((entry) => entry.endsWith('hooks'))).toEqual(expected);
      expect(figures.pendingHooks).toBe(0);
    }),
  );

  it('keep no bundle waiting, and end before the consumer does', () =>
    inFolder(async (folder) => {
      let isRunning = false;
      const { buckets, signal, note, runUntil } = prepared();
      const retryHooks = async () => {
        note('hooks');
        isRunning = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await new Promise(setImmediate);
        isRunning = false;
        return 0;
      };
      buckets.publish(await bundle(1));
      const { timeline } = await runUntil(100, folder, { retryHooks });
      expect(timeline.filter((entry) => / (hooks|list|get)$/.test(entry))).toEqual([
        ...['0 hooks', '0 list', '0 get', '46 list', '92 list'],
      ]);
      expect(isRunning).toBe(false);
    }));

  it('are not those of bundles in progress', () =>
    inFolder(async (folder) => {
      const planned = await bundle(1);
      let isInProgress: (key: string) => boolean = () => false;
      const seen: number[][] = [];
      const { buckets, runUntil } = prepared();
      await plan(3, folder);
      buckets.publish(planned);
      await runUntil(1, folder, {
        retryHooks: async (inProgress) => {
          isInProgress = inProgress;
          return 0;
        },
        hook: async () => void seen.push([1, 2, 3].filter((number) => isInProgress(keyOf(number)))),
      });
      // The first is finished from its plan.
      expect(seen).toEqual([[3], [1]]);
    }));

  it('may fail because of the disk, which stops the work until it succeeds', () =>
    inFolder(async (folder) => {
      let attempts = 0;
      const { runUntil } = prepared();
      const retryHooks = async () => {
        if (++attempts === 1) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
        return 0;
      };
      const { events } = await runUntil(70, folder, { retryHooks });
      expect(events.map(({ event }) => event)).toEqual([
        'stopped.disk-read-only',
        'continued.disk-read-only',
      ]);
      expect(attempts).toBe(2);
    }));

  it('end the consumer with an error of the program', () =>
    inFolder(async (folder) => {
      const consumer = await consumerOf(folder, memoryBuckets(), { retryHooks: () => Promise.reject(fault) });
      await expect(consumer.run()).rejects.toBe(fault);
    }));
});

/** Leaves the plan of a bundle behind. */
async function plan(number: number, folder: string): Promise<void> {
  const dying = memoryBuckets(({ name }) => {
    if (name === 'putReceipt') throw fault;
  });
  const planned = await bundle(number);
  dying.publish(planned);
  await (await consumerOf(folder, dying)).one(planned.key);
}
