import { CallError } from '@data-aggregator/shared-processing/errors';
import { HIDDEN_SECONDS, type ReadyMessage, RENEW_MS } from '../aws/ready-queue.ts';
import { bundleOf, keyOf } from '../testing/bundles.ts';
import { consumerClock, consumerOf, memoryQueue, refused } from '../testing/consumer.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { type Hook, memoryBuckets } from '../testing/memory-buckets.ts';
import type { Consuming } from './consume.ts';

const bundle = (number: number) => bundleOf(keyOf(number), [{ name: 'a', content: `${number}` }]);
const [ONE, TWO, THREE, FOUR] = [keyOf(1), keyOf(2), keyOf(3), keyOf(4)];

/** A consumer that learns about four bundles from messages alone. */
async function prepared(folder: string, changes: Partial<Consuming> = {}, hook?: Hook) {
  const buckets = memoryBuckets(hook);
  for (const number of [1, 2, 3, 4]) buckets.publish(await bundle(number));
  const messages = memoryQueue();
  const empty = async () => ({ objects: [], next: undefined });
  const consumer = await consumerOf(folder, buckets, {
    ...{ queue: messages.queue, distributions: [{ ...buckets.distribution, list: empty }] },
    ...changes,
  });
  const count = (name: string) => buckets.calls.filter((call) => call === name).length;
  const names = () => consumer.events.map(({ event }) => event);
  return { ...consumer, ...messages, buckets, count, names };
}

it('are acknowledged together once their bundles are processed, oldest first', () =>
  inFolder(async (folder) => {
    const order: string[] = [];
    const { send, once, queue, acknowledged, waiting } = await prepared(folder, {}, ({ name, key }, when) => {
      if (name === 'remove' && when === 'after') order.push(key);
    });
    const acknowledge = jest.spyOn(queue, 'acknowledge');
    send(FOUR);
    send(TWO, ONE);
    send(THREE);
    await once();
    expect(order).toEqual([TWO, ONE, THREE, FOUR]);
    expect(acknowledged).toEqual([TWO, THREE, FOUR]);
    expect(acknowledge).toHaveBeenCalledTimes(1);
    expect(waiting).toEqual([]);
    expect(Object.values(visibleFiles(folder))).toEqual(['1', '2', '3', '4']);
  }));

it('cause no request if none of them is to be acknowledged', () =>
  inFolder(async (folder) => {
    const { once, queue, waiting } = await prepared(folder);
    const acknowledge = jest.spyOn(queue, 'acknowledge');
    waiting.push({ receiptHandle: 'odd', keys: undefined, receives: 1 });
    await once();
    expect(acknowledge).not.toHaveBeenCalled();
  }));

it('are received until there are no more', () =>
  inFolder(async (folder) => {
    const { once, send, waiting, acknowledged } = await prepared(folder);
    for (let number = 1; number <= 25; number++) send();
    await once();
    expect(waiting).toEqual([]);
    expect(acknowledged).toHaveLength(25);
  }));

it.each<[string, ReadyMessage['keys'], boolean, string[]]>([
  ['is S3’s test event is acknowledged', [], true, []],
  ['names no bundle is acknowledged', ['bundles/readme.txt'], true, ['object.ignored']],
  ['cannot be read stays in the queue', undefined, false, ['message.unreadable']],
  ['names a bundle of others stays in the queue', [ONE, 'others/a.tar'], false, ['message.unreadable']],
])('one that %s', (_what, keys, isAcknowledged, expected) =>
  inFolder(async (folder) => {
    const isOurs = (key: string) => key.startsWith('bundles/');
    const { once, send, waiting, acknowledged, names } = await prepared(folder, { isOurs });
    waiting.push({ receiptHandle: 'odd', keys, receives: 1 });
    send(TWO);
    await once();
    expect(acknowledged.sort()).toEqual(isAcknowledged ? [TWO, 'odd'] : [TWO]);
    expect(names().sort()).toEqual(['bundle.delivered', ...expected]);
  }),
);

it('with several bundles stay in the queue until all are processed', () =>
  inFolder(async (folder) => {
    let attempts = 0;
    const { once, send, acknowledged } = await prepared(folder, {}, ({ name, key }, when) => {
      if (name === 'manifest' && key === ONE && when === 'before' && ++attempts === 1)
        throw new TypeError('a fault');
    });
    send(ONE, TWO);
    await once();
    expect(acknowledged).toEqual([]);
    expect(Object.values(visibleFiles(folder))).toEqual(['2']);
    send(ONE, TWO);
    await once();
    expect(acknowledged).toEqual([ONE]);
    expect(Object.values(visibleFiles(folder))).toEqual(['1', '2']);
  }));

it('stay in the queue, untried, once something stops the work', () =>
  inFolder(async (folder) => {
    const isFailing = true;
    const { once, send, acknowledged, count } = await prepared(folder, {}, ({ name, key }, when) => {
      if (name === 'manifest' && key === TWO && when === 'before' && isFailing) throw refused();
    });
    for (const key of [ONE, TWO, THREE, FOUR]) send(key);
    await once();
    expect(acknowledged).toEqual([ONE]);
    expect(count('manifest')).toBe(2);
  }));

it('are not received while listings fail', () =>
  inFolder(async (folder) => {
    const { distribution } = memoryBuckets();
    const distributions = [{ ...distribution, list: () => Promise.reject(refused()) }] as const;
    const { once, send, waiting } = await prepared(folder, { distributions });
    send(ONE);
    await expect(once()).resolves.toMatchObject({ stopped: true });
    expect(waiting).toHaveLength(1);
  }));

describe('a bundle of another consumer', () => {
  it.each([
    ['is downloaded if its message comes for the first time', 1, 1],
    ['is not even downloaded if its message comes again', 2, 0],
  ])('%s', (_what, receives, downloads) =>
    inFolder(async (folder) => {
      const { once, waiting, buckets, acknowledged, count, names } = await prepared(folder);
      await inFolder(async (other) => {
        await (
          await consumerOf(other, {
            ...buckets,
            distribution: { ...buckets.distribution, remove: async () => undefined },
          })
        ).one(ONE);
      });
      buckets.calls.length = 0;
      waiting.push({ receiptHandle: ONE, keys: [ONE], receives });
      await once();
      expect(count('get')).toBe(downloads);
      expect(names()).toEqual(['bundle.taken']);
      expect(acknowledged).toEqual([ONE]);
      expect(visibleFiles(folder)).toEqual({});
    }),
  );
});

it('about the same bundle wait for one download', () =>
  inFolder(async (folder) => {
    const { once, waiting, acknowledged, count } = await prepared(folder, { parallel: 2 });
    for (const receiptHandle of ['a', 'b']) waiting.push({ receiptHandle, keys: [ONE], receives: 1 });
    await once();
    expect(acknowledged.sort()).toEqual(['a', 'b']);
    expect([count('get'), count('remove')]).toEqual([1, 1]);
  }));

describe('the visibility timeout', () => {
  it('of messages in work is renewed, even if it fails once', () =>
    inFolder(async (folder) => {
      const clock = consumerClock(new AbortController().signal);
      const { once, send, hidden, queue, buckets } = await prepared(folder, { clock });
      const begun = Promise.withResolvers<undefined>();
      const end = Promise.withResolvers<undefined>();
      const { manifest } = buckets.archive;
      buckets.archive.manifest = async (key) => {
        if (key === TWO) {
          begun.resolve(undefined);
          await end.promise;
        }
        return manifest(key);
      };
      const { hide } = queue;
      let calls = 0;
      queue.hide = (messages, seconds) =>
        ++calls === 1 ? Promise.reject(refused()) : hide(messages, seconds);
      for (const key of [ONE, TWO, THREE]) send(key);
      const over = once();
      await begun.promise;
      for (let renewal = 1; renewal <= 3; renewal++) {
        await clock.renew();
        expect(clock.now()).toBe(renewal * RENEW_MS);
      }
      end.resolve(undefined);
      await over;
      await clock.renew();
      await new Promise(setImmediate);
      expect(hidden).toEqual([
        [[TWO, THREE], HIDDEN_SECONDS],
        [[TWO, THREE], HIDDEN_SECONDS],
      ]);
    }));
});

describe('a queue that cannot be used', () => {
  const invalid = () => new CallError('call', { outcome: 'refused', code: 'ValidationError', status: 400 });

  it.each([
    ['refuses access', refused],
    ['has no valid URL', invalid],
  ])('because it %s stops the work until it can be used', (_what, error) =>
    inFolder(async (folder) => {
      const { once, send, queue, names, acknowledged } = await prepared(folder);
      send(ONE);
      const { receive } = queue;
      let calls = 0;
      queue.receive = (...args) => (++calls <= 2 ? Promise.reject(error()) : receive(...args));
      await expect(once()).resolves.toEqual({ stopped: false, postponed: 0, setAside: 0 });
      expect(names()).toEqual(['stopped.refused', 'continued.refused', 'bundle.delivered']);
      expect(acknowledged).toEqual([ONE]);
    }),
  );

  it('lets a consumer end that should process what is waiting', () =>
    inFolder(async (folder) => {
      const { once, queue, names } = await prepared(folder);
      queue.receive = () => Promise.reject(refused());
      await expect(once()).resolves.toEqual({ stopped: true, postponed: 0, setAside: 0 });
      expect(names()).toEqual(['stopped.refused']);
    }));

  it('for acknowledging stops the work; the messages come again, and cost no second download', () =>
    inFolder(async (folder) => {
      const { once, send, queue, names, acknowledged, count } = await prepared(folder);
      send(ONE);
      const { acknowledge } = queue;
      let calls = 0;
      queue.acknowledge = (messages) => {
        if (++calls > 1) return acknowledge(messages);
        send(ONE);
        return Promise.reject(refused());
      };
      await expect(once()).resolves.toEqual({ stopped: false, postponed: 0, setAside: 0 });
      expect(names()).toEqual(['bundle.delivered', 'stopped.refused', 'continued.refused', 'bundle.known']);
      expect(acknowledged).toEqual([ONE]);
      expect([count('get'), count('putReceipt')]).toEqual([1, 1]);
    }));

  it('because of a fault of the program ends the consumer', () =>
    inFolder(async (folder) => {
      const fault = new TypeError('a fault of the program');
      const { once, queue } = await prepared(folder);
      queue.receive = () => Promise.reject(fault);
      await expect(once()).rejects.toBe(fault);
    }));
});

it('are not acknowledged if the consumer is stopped while it works on them', () =>
  inFolder(async (folder) => {
    const stopping = new AbortController();
    const stopped = new Error('ended by SIGTERM');
    const { once, send, acknowledged, names } = await prepared(
      folder,
      { signal: stopping.signal },
      ({ name }, when) => {
        if (name !== 'get' || when !== 'before') return;
        stopping.abort(stopped);
        throw refused();
      },
    );
    send(ONE);
    await expect(once()).rejects.toBe(stopped);
    expect(acknowledged).toEqual([]);
    expect(names()).toEqual([]);
  }));
