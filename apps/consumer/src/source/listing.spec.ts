import { CallError } from '@data-aggregator/shared-processing/errors';
import { bundleOf, described, keyOf, NINE } from '../testing/bundles.ts';
import { consumerOf, memoryQueue, refused } from '../testing/consumer.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { memoryBuckets } from '../testing/memory-buckets.ts';
import { inboxAt } from '../inbox/inbox.ts';

const NOTHING_LEFT = { stopped: false, postponed: 0, setAside: 0 };
const fault = new TypeError('a fault of the program');
const bundle = (number: number) => bundleOf(keyOf(number), [{ name: 'a', content: `${number}` }]);
const damaged = (number: number) =>
  described(keyOf(number), Buffer.from('no gzip'), [{ name: 'a', content: 'a' }]);

/** Buckets that contain these bundles, and the keys whose download begins, listing by listing. */
async function bucketsWith(
  numbers: readonly number[],
  onGet: (key: string, listing: number) => void = () => undefined,
) {
  const attempts: string[][] = [];
  const buckets = memoryBuckets(({ name, key }, when) => {
    if (when === 'after') return;
    if (name === 'list') attempts.push([]);
    if (name !== 'get') return;
    attempts.at(-1)?.push(key);
    onGet(key, attempts.length);
  });
  for (const number of numbers) buckets.publish(await bundle(number));
  return { buckets, attempts };
}

it('reports what it has delivered', () =>
  inFolder(async (folder) => {
    const waiting: number[] = [];
    const buckets = memoryBuckets(({ name }, when) => {
      if (name === 'get' && when === 'before') waiting.push(figures.waiting);
    });
    const files = ['a', 'b'].map((name) => ({ name, content: 'four' }));
    buckets.publish(await bundleOf(keyOf(1), files));
    const { once, clock, events, figures } = await consumerOf(folder, buckets);
    clock.advance(NINE);
    await once();
    // Landed a minute before nine.
    expect(events).toEqual([
      {
        ...{
          level: 'info',
          event: 'bundle.delivered',
          bundle: keyOf(1),
          folder: expect.stringMatching(/^bundle-/),
        },
        ...{ files: 2, bytes: 8, seconds: 0, landingToDiskSeconds: 60 },
      },
    ]);
    expect(figures).toMatchObject({
      bundles: 1,
      files: 2,
      bytes: 8,
      landingToDiskSeconds: 60,
      lastDeliveredAt: NINE,
    });
    for (const number of [2, 3]) buckets.publish(await bundle(number));
    await once();
    expect(figures).toMatchObject({ bundles: 3, files: 4, bytes: 10, waiting: 0, setAside: 0 });
    expect(waiting).toEqual([1, 2, 1]);
  }));

it('reports how many bundles wait under all prefixes, and how long', () =>
  inFolder(async (folder) => {
    const [first, second] = [memoryBuckets(), memoryBuckets()];
    for (const number of [1, 2]) first.publish(damaged(number));
    second.publish(damaged(3));
    second.bundles.set('bundles/readme.txt', Buffer.from('not a bundle'));
    const distributions = [first.distribution, second.distribution] as const;
    const { once, clock, figures } = await consumerOf(folder, first, { distributions });
    // They were put there at 0.
    clock.advance(90_000);
    await once();
    expect(figures).toMatchObject({ waiting: 3, oldestSeconds: 90 });
    first.bundles.clear();
    second.bundles.clear();
    await once();
    expect(figures).toMatchObject({ waiting: 0, oldestSeconds: 0 });
  }));

it('counts a damaged bundle once, and leaves it alone after that', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(damaged(1));
    buckets.publish(await bundle(2));
    const { queue, send, acknowledged } = memoryQueue();
    const { once, events, figures } = await consumerOf(folder, buckets, { queue });
    await expect(once()).resolves.toEqual({ ...NOTHING_LEFT, setAside: 1 });
    send(keyOf(1));
    await expect(once()).resolves.toEqual({ ...NOTHING_LEFT, setAside: 1 });
    expect(events).toMatchObject([
      { level: 'error', event: 'bundle.set-aside', bundle: keyOf(1), reason: 'not-a-bundle' },
      { event: 'bundle.delivered', bundle: keyOf(2) },
    ]);
    expect(figures).toMatchObject({ setAside: 1, bundles: 1, waiting: 1 });
    expect(acknowledged).toEqual([keyOf(1)]);
    expect(buckets.calls.filter((call) => call === 'get')).toHaveLength(3);
  }));

it('deletes a delivered bundle whose replay was set aside', () =>
  inFolder(async (folder) => {
    const { buckets } = await bucketsWith([1]);
    const { once, inbox } = await consumerOf(folder, buckets);
    await once();
    buckets.publish(damaged(1));
    await inbox.setAside({ key: keyOf(1), reason: 'not-a-bundle', detail: '', at: '' });
    await (await consumerOf(folder, buckets)).once();
    expect([...buckets.bundles.keys()]).toEqual([]);
  }));

it('processes as many bundles at the same time as configured', () =>
  inFolder(async (folder) => {
    const { buckets } = await bucketsWith([1, 2, 3, 4]);
    const { manifest } = buckets.archive;
    const both = Promise.withResolvers<undefined>();
    let [running, most] = [0, 0];
    buckets.archive.manifest = async (key) => {
      most = Math.max(most, ++running);
      if (running === 2) both.resolve(undefined);
      await both.promise;
      await new Promise(setImmediate);
      running--;
      return manifest(key);
    };
    await (await consumerOf(folder, buckets, { parallel: 2 })).once();
    expect(most).toBe(2);
    expect(Object.keys(visibleFiles(folder))).toHaveLength(4);
  }));

it('starts elsewhere once another consumer has taken a bundle', () =>
  inFolder(async (folder) => {
    const { buckets, attempts } = await bucketsWith([1, 2]);
    const { archive, distribution, ...others } = buckets;
    await inFolder(async (other) => {
      const remove = async () => undefined;
      await (
        await consumerOf(other, { ...others, archive, distribution: { ...distribution, remove } })
      ).one(keyOf(2));
    });
    const { once, events } = await consumerOf(folder, buckets, { consumer: 'host/00000002' });
    attempts.length = 0;
    await once();
    expect(events).toMatchObject([
      { event: 'bundle.delivered' },
      { event: 'bundle.taken', bundle: keyOf(2) },
    ]);
    for (const number of [3, 4, 5]) buckets.publish(await bundle(number));
    await once();
    expect(attempts.filter((listing) => listing.length > 0)).toEqual([
      [keyOf(1), keyOf(2)],
      [keyOf(5), keyOf(3), keyOf(4)],
    ]);
  }));

it('reports a bundle that is gone', () =>
  inFolder(async (folder) => {
    const { buckets } = await bucketsWith([1], () => buckets.bundles.clear());
    const { once, events } = await consumerOf(folder, buckets);
    await expect(once()).resolves.toEqual(NOTHING_LEFT);
    expect(events).toMatchObject([{ event: 'bundle.gone', bundle: keyOf(1) }]);
  }));

it('is repeated at once if its response is lost', () =>
  inFolder(async (folder) => {
    const lost = new CallError('LIST', { outcome: 'unknown', code: 'ECONNRESET' });
    let calls = 0;
    const buckets = memoryBuckets(({ name }, when) => {
      if (name === 'list' && when === 'after' && ++calls === 1) throw lost;
    });
    const { once, events } = await consumerOf(folder, buckets);
    await once();
    expect(calls).toBe(2);
    expect(events).toEqual([]);
  }));

it('that fails because of the program ends the consumer, after the bundles in progress', () =>
  inFolder(async (folder) => {
    const { buckets } = await bucketsWith([1]);
    const failing = { ...buckets.distribution, list: () => Promise.reject(fault) };
    const distributions = [buckets.distribution, failing] as const;
    await expect((await consumerOf(folder, buckets, { distributions })).once()).rejects.toBe(fault);
    expect(Object.values(visibleFiles(folder))).toEqual(['1']);
  }));

describe('once something stops the work', () => {
  it('no other bundle is begun, and the first is tried again', () =>
    inFolder(async (folder) => {
      const { buckets, attempts } = await bucketsWith([1, 2, 3], (_key, listing) => {
        if (listing <= 2) throw refused();
      });
      const { once, events } = await consumerOf(folder, buckets);
      await expect(once()).resolves.toEqual(NOTHING_LEFT);
      expect(attempts.slice(0, 3)).toEqual([[keyOf(1)], [keyOf(1)], [keyOf(1), keyOf(2), keyOf(3)]]);
      expect(events[0]).toMatchObject({ event: 'stopped.refused' });
      expect(events.filter(({ event }) => event === 'stopped.refused')).toHaveLength(1);
    }));

  it('after it had stopped before, no other bundle is begun', () =>
    inFolder(async (folder) => {
      const { buckets, attempts } = await bucketsWith([1, 2, 3, 4], (key, listing) => {
        if (listing <= 3 || (listing === 4 && key !== keyOf(1))) throw refused();
      });
      await (await consumerOf(folder, buckets)).once();
      expect(attempts[3]).toEqual([keyOf(1), keyOf(2)]);
    }));

  it('no other page is listed', () =>
    inFolder(async (folder) => {
      const { buckets, attempts } = await bucketsWith([1, 2, 3, 4], (_key, listing) => {
        if (listing === 1) throw refused();
      });
      const { list } = buckets.distribution;
      const starts: (string | undefined)[] = [];
      buckets.distribution.list = async (after, abort) => {
        starts.push(after);
        const { objects } = await list(after, abort);
        return { objects: objects.slice(0, 3), next: objects.length > 3 ? keyOf(3) : undefined };
      };
      await (await consumerOf(folder, buckets)).once();
      expect(starts.slice(0, 3)).toEqual([undefined, undefined, keyOf(3)]);
      expect(attempts[0]).toEqual([keyOf(1)]);
    }));
});

describe('a consumer that only processes what is waiting', () => {
  const countedHooks = () => jest.fn(() => Promise.resolve(2));

  it('tries pending hooks at its end', () =>
    inFolder(async (folder) => {
      const retryHooks = countedHooks();
      const { once, figures } = await consumerOf(folder, memoryBuckets(), { retryHooks });
      await expect(once()).resolves.toEqual(NOTHING_LEFT);
      expect(retryHooks).toHaveBeenCalledTimes(1);
      expect(figures.pendingHooks).toBe(2);
    }));

  it.each([1, 4])(
    'gives up after about half a minute if %i bundles at a time cannot be downloaded',
    (parallel) =>
      inFolder(async (folder) => {
        const { buckets, attempts } = await bucketsWith([1, 2, 3, 4, 5], () => {
          throw refused();
        });
        const retryHooks = countedHooks();
        const { once, clock, figures } = await consumerOf(folder, buckets, { parallel, retryHooks });
        await expect(once()).resolves.toEqual({ ...NOTHING_LEFT, stopped: true, postponed: parallel });
        expect(attempts.map((listing) => listing.length)).toEqual(Array.from({ length: 6 }, () => parallel));
        // The random number is 0, so this is half of it.
        expect(clock.now()).toBe(15_500);
        expect(figures.condition).toBe('refused');
        expect(retryHooks).toHaveBeenCalledTimes(1);
      }),
  );

  it('gives up on a bundle that fails alone after six attempts, and tries pending hooks', () =>
    inFolder(async (folder) => {
      const { buckets, attempts } = await bucketsWith([1, 2], (key) => {
        if (key === keyOf(1)) throw fault;
      });
      const retryHooks = countedHooks();
      const { once, events } = await consumerOf(folder, buckets, { retryHooks });
      await expect(once()).resolves.toEqual({ ...NOTHING_LEFT, postponed: 1 });
      expect(attempts.flat().filter((key) => key === keyOf(1))).toHaveLength(6);
      expect(events).toMatchObject([
        { level: 'error', event: 'bundle.failed', bundle: keyOf(1), detail: fault.message },
        { event: 'bundle.delivered' },
        ...Array.from({ length: 5 }, () => ({ event: 'bundle.failed' })),
      ]);
      expect(retryHooks).toHaveBeenCalledTimes(1);
    }));

  it('counts the failures of a bundle anew once it was processed', () =>
    inFolder(async (folder) => {
      let failures = 0;
      const { buckets } = await bucketsWith([1], () => {
        if (++failures <= 6 || failures === 8) throw fault;
      });
      const { once, clock } = await consumerOf(folder, buckets);
      await expect(once()).resolves.toEqual({ ...NOTHING_LEFT, postponed: 1 });
      clock.advance(30_000);
      await expect(once()).resolves.toEqual(NOTHING_LEFT);
      buckets.publish(await bundle(2));
      await expect(once()).resolves.toEqual(NOTHING_LEFT);
      expect(failures).toBe(9);
    }));

  it('has not succeeded if a planned bundle that always fails is no longer in the bucket', () =>
    inFolder(async (folder) => {
      const { buckets } = await bucketsWith([1]);
      buckets.archive.putReceipt = () => Promise.reject(fault);
      await (await consumerOf(folder, buckets)).one(keyOf(1));
      buckets.bundles.clear();
      await expect((await consumerOf(folder, buckets)).once()).resolves.toEqual({
        ...NOTHING_LEFT,
        postponed: 1,
      });
    }));
});

it('remembers ten thousand deleted bundles', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const keys = Array.from({ length: 10_001 }, (_, number) => keyOf(number));
    for (const key of keys) buckets.bundles.set(key, Buffer.from('x'));
    const { queue, send } = memoryQueue();
    const inbox = { ...inboxAt(folder), hasReceipt: () => true };
    const { once } = await consumerOf(folder, buckets, { inbox, queue });
    await once();
    buckets.calls.length = 0;
    const removals = () => buckets.calls.filter((call) => call === 'remove').length;
    for (const key of keys.slice(0, 2)) send(key);
    await once();
    expect(removals()).toBe(1);
    // Once its message has come, a bundle needs its place no longer.
    for (const key of keys.slice(1, 3)) send(key);
    await once();
    expect(removals()).toBe(2);
  }));
