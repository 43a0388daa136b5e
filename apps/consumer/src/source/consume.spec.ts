import { systemClock } from '@data-aggregator/shared-processing/retry';
import type { Distribution } from '../aws/buckets.ts';
import { bundleOf, keyOf, type TestBundle } from '../testing/bundles.ts';
import { consumerOf, memoryQueue } from '../testing/consumer.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { memoryBuckets } from '../testing/memory-buckets.ts';

it('takes a backlog oldest first, with one listing for each thousand bundles', () =>
  inFolder(async (folder) => {
    const taken: string[] = [];
    // Each bundle is there when it is listed, and gone when it is wanted: nothing needs to be extracted.
    const buckets = memoryBuckets(({ name, key }, when) => {
      if (name !== 'manifest' || when !== 'before') return;
      taken.push(key);
      buckets.bundles.delete(key);
      buckets.manifests.set(key, manifestOf(key));
    });
    const keys = Array.from({ length: 1_200 }, (_, index) => keyOf(index));
    for (const key of keys.toReversed()) buckets.bundles.set(key, Buffer.from('x'));
    const remaining = await (await consumerOf(folder, buckets)).once();
    expect(remaining).toEqual({ stopped: false, postponed: 0, setAside: 0 });
    expect(taken).toEqual(keys);
    const count = (name: string) => buckets.calls.filter((call) => call === name).length;
    // Two pages, and an empty one at the end.
    expect(count('list')).toBe(3);
    expect(count('manifest') + count('get')).toBe(2_400);
  }));

function manifestOf(key: string): string {
  const sha256 = '0'.repeat(64);
  const member = { bucket: 'l', key: 'a', versionId: 'v', etag: 'e', name: 'a', size: 1, sha256 };
  const time = new Date(0).toISOString();
  return JSON.stringify({
    schemaVersion: 1,
    bundle: { bucket: 'd', key, size: 1, sha256, format: 'tar.gz', createdAt: time },
    members: [{ ...member, lastModified: time, landedAt: time }],
  });
}

it('does not let one bundle that always fails keep the others waiting', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets(({ name, key }, when) => {
      if (when === 'before' && name === 'manifest') {
        if (key === keyOf(1)) throw new TypeError('a fault of the program');
        buckets.bundles.delete(key);
        buckets.manifests.set(key, manifestOf(key));
      }
    });
    for (const number of [1, 2, 3]) buckets.bundles.set(keyOf(number), Buffer.from('x'));
    const clock = { ...systemClock, sleep: () => Promise.resolve(), now: () => (time += 40_000) };
    let time = 0;
    const remaining = await (await consumerOf(folder, buckets, { clock })).once();
    expect(remaining).toMatchObject({ stopped: false, setAside: 0 });
    expect(remaining.postponed).toBeGreaterThan(0);
    expect([...buckets.bundles.keys()]).toEqual([keyOf(1)]);
  }));

it('tries a bundle again whose downloads differ, says so once, and delivers the others meanwhile', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const bundles = await Promise.all(
      [1, 2, 3].map((number) => bundleOf(keyOf(number), [{ name: 'a', content: `${number}` }])),
    );
    for (const bundle of bundles) buckets.publish(bundle);
    const [first] = bundles;
    if (!first) throw new Error('there is no bundle');
    let downloads = 0;
    const order: string[] = [];
    const get: Distribution['get'] = (key, range, abort) => {
      order.push(key);
      const body = Buffer.from(first.body);
      if (key === first.key && ++downloads <= 6) body.writeUInt32BE(downloads, 10);
      if (key === first.key) buckets.bundles.set(key, body);
      return buckets.distribution.get(key, range, abort);
    };
    const clock = { ...systemClock, sleep: () => Promise.resolve(), now: () => (time += 10_000) };
    let time = 0;
    const distributions = [{ ...buckets.distribution, get }] as const;
    const consumer = await consumerOf(folder, buckets, { clock, distributions });
    await expect(consumer.once()).resolves.toEqual({ stopped: false, postponed: 0, setAside: 0 });
    expect(Object.values(visibleFiles(folder)).sort()).toEqual(['1', '2', '3']);
    expect(order.slice(0, 4)).toEqual([first.key, first.key, keyOf(2), keyOf(3)]);
    const said = consumer.events.filter(
      ({ bundle, event }) => bundle === first.key && event !== 'bundle.delivered',
    );
    expect(said).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'bundle.damaged-in-transit',
        detail: expect.stringContaining('differ'),
      }),
    ]);
  }));

/** Fails after as many listings as a consumer needs at most, so that one that never ends fails its test. */
function failingAfter(listings: number): Parameters<typeof memoryBuckets>[0] {
  let left = listings;
  return ({ name }, when) => {
    if (name === 'list' && when === 'before' && left-- === 0) throw new Error('the consumer lists for ever');
  };
}

describe('a bundle that reappears in the bucket after its deletion', () => {
  it('is deleted again, and not extracted again', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets(failingAfter(10));
      const bundle = await bundleOf(keyOf(1), [{ name: 'a', content: 'x' }]);
      const consumer = await consumerOf(folder, buckets);
      buckets.publish(bundle);
      await consumer.once();
      const files = visibleFiles(folder);
      buckets.publish(bundle);
      await expect(consumer.once()).resolves.toEqual({ stopped: false, postponed: 0, setAside: 0 });
      expect([...buckets.bundles.keys()]).toEqual([]);
      expect(visibleFiles(folder)).toEqual(files);
      expect(Object.values(files)).toEqual(['x']);
      expect(buckets.calls.filter((call) => call === 'get')).toHaveLength(1);
      expect(buckets.calls.filter((call) => call === 'putReceipt')).toHaveLength(1);
    }));

  it('is acknowledged without a request, and deleted by the next listing', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets(failingAfter(10));
      const bundle = await bundleOf(keyOf(1), [{ name: 'a', content: 'x' }]);
      const { queue, send, acknowledged } = memoryQueue();
      const consumer = await consumerOf(folder, buckets, { queue });
      buckets.publish(bundle);
      await consumer.once();
      expect(buckets.calls.filter((call) => call === 'remove')).toHaveLength(1);
      send(bundle.key);
      await consumer.once();
      expect(acknowledged).toEqual([bundle.key]);
      expect(buckets.calls.filter((call) => call === 'remove')).toHaveLength(1);
      send(bundle.key);
      buckets.publish(bundle);
      await consumer.once();
      expect(acknowledged).toEqual([bundle.key, bundle.key]);
      expect(buckets.calls.filter((call) => call === 'remove')).toHaveLength(2);
      expect([...buckets.bundles.keys()]).toEqual([]);
    }));
});

it('does not delete a bundle twice because a listing from before its deletion names it', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const bundle = await bundleOf(keyOf(1), [{ name: 'a', content: 'x' }]);
    buckets.publish(bundle);
    const { list } = buckets.distribution;
    const late: Distribution = {
      ...buckets.distribution,
      // The second prefix contains the first. Its page is from before the deletion, and comes after it.
      async list(after) {
        const page = await list(after);
        while (buckets.bundles.size > 0) await new Promise(setImmediate);
        return page;
      },
    };
    const consumer = await consumerOf(folder, buckets, { distributions: [buckets.distribution, late] });
    await consumer.once();
    expect(buckets.calls.filter((call) => call === 'remove')).toHaveLength(1);
  }));

it('takes a bundle over from another consumer once its receipt is removed, and downloads nothing until then', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets(failingAfter(10));
    const bundle = await bundleOf(keyOf(1), [{ name: 'a', content: 'x' }]);
    buckets.publish(bundle);
    buckets.receipts.set(bundle.key, await receiptOfAnother(bundle));
    let time = 0;
    const clock = { ...systemClock, now: () => time };
    const consumer = await consumerOf(folder, buckets, { clock });
    const downloads = () => buckets.calls.filter((call) => call === 'get').length;
    const nothing = { stopped: false, postponed: 0, setAside: 0 };
    await expect(consumer.once()).resolves.toEqual(nothing);
    expect(downloads()).toBe(1);
    time += 2 * 3_600_000;
    await expect(consumer.once()).resolves.toEqual(nothing);
    expect(downloads()).toBe(1);
    buckets.receipts.delete(bundle.key);
    time += 2 * 3_600_000;
    await expect(consumer.once()).resolves.toEqual(nothing);
    expect(Object.values(visibleFiles(folder))).toEqual(['x']);
    expect([...buckets.bundles.keys()]).toEqual([]);
  }));

/** The receipt that another consumer stores for a bundle. */
function receiptOfAnother(bundle: TestBundle): Promise<string> {
  return inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(bundle);
    await (await consumerOf(folder, buckets)).once();
    return buckets.receipts.get(bundle.key) ?? '';
  });
}
