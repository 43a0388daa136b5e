import { createRandom } from '@data-aggregator/shared-processing/testing';
import { arrivalsAt, arrivalsOf } from './arrivals.ts';
import { Heap } from './heap.ts';
import { Histogram } from './histogram.ts';
import { BUCKETS, LandedFiles } from './landed-files.ts';
import { LoadQueue, type QueueOptions } from './queue.ts';
import { RateLimit, TableCapacity } from './rate-limit.ts';
import { Services } from './services.ts';
import { awsTimes, deployedSettings } from './settings.ts';
import { Tally } from './tally.ts';
import { VirtualTime } from './virtual-time.ts';

describe('simulated time', () => {
  it('passes to the next moment at which something happens, once nothing is left to do at the present one', async () => {
    const time = new VirtualTime(1000);
    const seen: [string, number][] = [];
    const at = (name: string) => () => void seen.push([name, time.now()]);
    void time.sleep(50).then(at('slept'));
    time.at(1020, at('first'));
    time.at(1020, () => void Promise.resolve().then(at('continued')));
    time.signalAt(1030).addEventListener('abort', at('aborted'));
    await time.run(() => seen.length === 4);
    expect(seen).toEqual([
      ['first', 1020],
      ['continued', 1020],
      ['aborted', 1030],
      ['slept', 1050],
    ]);
  });

  it('says so when nothing can happen any more', async () => {
    await expect(new VirtualTime(0).run(() => false)).rejects.toThrow('nothing is left to happen');
  });
});

it('a heap returns the lowest key first', () => {
  const random = createRandom(1);
  const heap = new Heap();
  const keys = Array.from({ length: 500 }, () => random.below(200));
  for (const key of keys) heap.push(key, key * 2);
  const popped = keys.map(() => heap.pop());
  expect(popped.map((entry) => entry?.key)).toEqual(keys.toSorted((a, b) => a - b));
  expect(popped.every((entry) => entry && entry.value === entry.key * 2)).toBe(true);
  expect(heap.pop()).toBeUndefined();
});

it('a histogram finds percentiles within one percent', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 100_000; ms++) histogram.add(ms, 3);
  expect(histogram.count).toBe(300_000);
  for (const percent of [50, 95, 99.9]) {
    expect(Math.abs((histogram.percentile(percent) ?? 0) / percent - 1)).toBeLessThan(0.01);
  }
  expect(histogram.percentile(100)).toBe(100);
  expect(new Histogram().percentile(50)).toBeUndefined();
});

describe('arrivals', () => {
  const arrivals = (options: Partial<Parameters<typeof arrivalsOf>[0]>) =>
    arrivalsOf(
      { filesPerSecond: 10, minutes: 20, burst: 1, landingPrefixes: 1, eachStandsFor: 1, ...options },
      createRandom(1),
    );

  it('are evenly divided over each second', () => {
    const even = arrivals({});
    expect(even.files).toBe(12_000);
    expect([0, 9, 10, 11_999].map((file) => even.landedAt(file))).toEqual([100, 1000, 1100, 1_200_000]);
    expect([-1, 0, 99, 100, 1000, 1_200_000].map((ms) => even.landedBy(ms))).toEqual([
      0, 0, 0, 1, 10, 12_000,
    ]);
  });

  it('have landed by the moment at which they land', () => {
    const uneven = arrivals({ filesPerSecond: 7.3, burst: 5, eachStandsFor: 3 });
    for (let file = 0; file < uneven.files; file++) {
      const at = uneven.landedAt(file);
      expect(uneven.landedBy(at + 0.001)).toBeGreaterThan(file);
      expect(uneven.landedBy(at - 0.001)).toBeLessThanOrEqual(file);
    }
  });

  it('come faster in every tenth minute of a load with bursts', () => {
    const bursts = arrivals({ burst: 10 });
    const inMinute = (minute: number) =>
      bursts.landedBy(minute * 60_000) - bursts.landedBy((minute - 1) * 60_000);
    expect([1, 9, 10, 11, 20].map(inMinute)).toEqual([600, 600, 6000, 600, 6000]);
  });

  it('wait at the uploader while S3 throttles a prefix, until it is split', () => {
    const busy = arrivals({ filesPerSecond: 5000, minutes: 70 });
    expect(busy.throttledUploads).toBeGreaterThan(0);
    expect(busy.landedBy(1_000_000)).toBe(3_500_000);
    // Twice as many after 30 to 60 minutes.
    expect(busy.landedBy(61 * 60_000 + 1000) - busy.landedBy(61 * 60_000)).toBeGreaterThan(3_500);
    expect(busy.files).toBe(5000 * 70 * 60);
    expect(arrivals({ filesPerSecond: 5000, landingPrefixes: 2 }).throttledUploads).toBe(0);
  });
});

describe('a rate limit', () => {
  it('allows what its rate allows, and what was not used in the second before', () => {
    const limit = new RateLimit(100, 0);
    expect(limit.take(100, 0)).toBe(true);
    expect(limit.take(1, 5)).toBe(false);
    expect(limit.take(1, 10)).toBe(true);
    expect(limit.take(100, 60_000)).toBe(true);
    expect(limit.take(1, 60_000)).toBe(false);
  });
});

describe('the capacity of an on-demand table', () => {
  /** Writes in a second, evenly over all partitions. */
  const served = (table: TableCapacity, perSecond: number, from: number) => {
    let count = 0;
    for (let write = 0; write < perSecond; write++) {
      if (table.take(1, (write * 0.618034) % 1, from + (write * 1000) / perSecond)) count++;
    }
    return count;
  };

  it('is its warm throughput at first, and twice a peak that is half an hour old', () => {
    const table = new TableCapacity({ warmWrites: 1000, tableWrites: 40_000 }, 0);
    // The second before is not used, so the first one may be twice as fast.
    for (let second = 0; second < 3; second++) served(table, 3000, second * 1000);
    expect(served(table, 3000, 3000)).toBeLessThan(1020);
    for (let second = 60; second < 120; second++) served(table, 1000, second * 1000);
    const later = 33 * 60_000;
    served(table, 3000, later);
    expect(served(table, 3000, later + 1000)).toBeGreaterThan(1900);
  });

  it('is limited by the quota of the table', () => {
    const table = new TableCapacity({ warmWrites: 4000, tableWrites: 500 }, 0);
    served(table, 3000, 0);
    expect(served(table, 3000, 1000)).toBeLessThan(510);
  });

  it('is shared by partitions, so that one busy key is throttled before', () => {
    const table = new TableCapacity({ warmWrites: 4000, tableWrites: 40_000 }, 0);
    const results = Array.from({ length: 2000 }, () => table.take(1, 0.1, 0));
    expect(results.filter(Boolean)).toHaveLength(1000);
  });
});

describe('a queue', () => {
  const queue = (options: Partial<QueueOptions> = {}) =>
    new LoadQueue({
      arrivals: arrivalsOf(
        { filesPerSecond: 10, minutes: 1, burst: 1, landingPrefixes: 1, eachStandsFor: 1 },
        createRandom(1),
      ),
      index: 0,
      queues: 1,
      visibilityMs: 30_000,
      maxReceives: 3,
      maxInFlight: 100,
      usualNotificationMs: 0,
      notificationMs: () => 0,
      repeatedAfterMs: () => undefined,
      ...options,
    });
  const filesIn = (received: readonly { file: number }[]) => received.map(({ file }) => file);

  it('delivers files in the order of landing, each once', () => {
    const it = queue();
    expect(it.visible(500)).toBe(5);
    expect(filesIn(it.receive(3, 500))).toEqual([0, 1, 2]);
    expect(filesIn(it.receive(9, 500))).toEqual([3, 4]);
    expect(it.receive(9, 500)).toEqual([]);
    expect(it.nextVisible(500)).toBe(600);
    expect(it.inFlight).toBe(5);
  });

  it('gets every second file if there are two', () => {
    expect(filesIn(queue({ queues: 2, index: 1 }).receive(9, 1000))).toEqual([1, 3, 5, 7, 9]);
  });

  it('returns what is left when its visibility timeout ends, after older messages', () => {
    const it = queue();
    const [first] = it.receive(1, 100);
    if (!first) throw new Error('nothing was received');
    it.leave(first);
    expect(filesIn(it.receive(600, 29_000))).toHaveLength(99); // with the hidden one, as many as may be in flight
    expect(it.receive(1, 30_099)).toEqual([]);
    const [again] = it.receive(1, 30_100);
    expect(again).toMatchObject({ file: 100, receives: 1 });
  });

  it('returns what is left at a changed moment, and moves it to the dead letters after its last receive', () => {
    const it = queue();
    for (let receives = 1; receives <= 3; receives++) {
      const message = it.receive(30, receives * 2000 - 1900).find(({ file }) => file === 0);
      expect(message).toMatchObject({ file: 0, receives });
      if (!message) throw new Error('nothing was received');
      const { receiptHandle } = message;
      expect(it.changeVisibility([{ receiptHandle, seconds: 0 }], receives * 2000 - 1900)).toEqual([
        undefined,
      ]);
      it.leave(message);
    }
    it.receive(60, 6000);
    expect(it.deadLetters).toBe(1);
  });

  it('refuses to change a message that is deleted', () => {
    const it = queue();
    const [message] = it.receive(1, 100);
    if (!message) throw new Error('nothing was received');
    expect(it.delete(message)).toBe(true);
    const { receiptHandle } = message;
    expect(it.changeVisibility([{ receiptHandle, seconds: 1 }], 200)).toEqual(['ReceiptHandleIsInvalid']);
    expect(it.inFlight).toBe(0);
  });

  it('delivers a late notification later', () => {
    const it = queue({ notificationMs: (file) => (file === 1 ? 5000 : 0) });
    expect(filesIn(it.receive(9, 400))).toEqual([0, 2, 3]);
    expect(it.inFlight).toBe(3);
    expect(filesIn(it.receive(100, 5100))).not.toContain(1);
    expect(filesIn(it.receive(100, 5200))).toContain(1);
  });

  it('delivers a message again although it is deleted, and knows the last one about a file', () => {
    const it = queue({ repeatedAfterMs: (file) => (file === 0 ? 1000 : undefined) });
    const [message] = it.receive(1, 100);
    if (!message) throw new Error('nothing was received');
    expect(it.delete(message)).toBe(false);
    const again = it.receive(50, 1100).find(({ file }) => file === 0);
    if (!again) throw new Error('it was not repeated');
    expect(it.delete(again)).toBe(true);
  });
});

it('services forget a bundle that was never published, once its function must have ended', async () => {
  const time = new VirtualTime(0);
  const settings = { ...deployedSettings(), timeoutSeconds: 60 };
  const services = new Services({
    ...{ time, random: createRandom(1), settings, times: awsTimes, tally: new Tally() },
    files: new LandedFiles(arrivalsAt([0, 0]), 0, 1, 5000),
    isLedgerUp: () => true,
    onDelivered: () => undefined,
    onBundle: undefined,
  });
  services.expect('bundles/lost', [0], 0);
  services.expect('bundles/published', [1], 0);
  const object = { bucket: BUCKETS.distribution, key: 'bundles/published', size: 1, sha256: '' };
  void services.store.put({ ...object, contentType: '', metadata: {}, open: () => new Uint8Array() });
  void time.sleep(60_000);
  await time.run(() => time.now() >= 60_000);
  expect(services.bundlesInMemory).toBe(2);
  await time.run(() => time.now() >= 120_000);
  expect(services.bundlesInMemory).toBe(1);
});
