import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { recordingLog } from '@data-aggregator/shared-processing/observability/testing';
import { receiptKey, serializeReceipt } from '@data-aggregator/shared-processing/receipt';
import { manualClock, memoryListing, memoryStore } from '@data-aggregator/shared-processing/testing';
import { MAX_READ, measureDiskTimes, receiptRange, reportDiskTimes, runOf } from './disk-times.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 9);
const empty = { bundles: 0, bytes: 0, oldestAgeSeconds: 0, complete: true };

function setUp() {
  const clock = manualClock(NOW);
  const store = memoryStore(clock.now);
  const log = recordingLog();
  const listing = memoryListing(store, 4);
  const get = jest.fn(store.get);
  const dependencies = { clock, log, listing, store: { get }, random: () => 0.5, archive: 'archive' };
  let count = 0;
  /** Stores the receipt of a bundle whose first file landed so many seconds ago. */
  const deliver = (seconds: number) => {
    const landedAt = clock.now() - seconds * 1000;
    const key = bundleKey(landedAt, String(++count).padStart(16, '0'), '.tar.gz');
    const receipt = serializeReceipt({
      bundle: { key, size: 1, crc64nvme: '0'.repeat(16) },
      consumer: 'inbox',
      layout: 'bundle',
      members: 1,
      firstLandedAt: landedAt,
      lastLandedAt: landedAt,
      startedAt: landedAt,
      finishedAt: clock.now(),
    });
    store.upload('archive', receiptKey(key), Buffer.from(receipt));
    return key;
  };
  const measure = (until = Infinity) => {
    const range = { ...receiptRange(clock.now(), undefined), to: clock.now() + 1 };
    return measureDiskTimes(range, until, dependencies);
  };
  return { clock, store, log, listing, get, dependencies, deliver, measure };
}

describe('receiptRange', () => {
  it('covers the last period in a new process, as far back as bundles are measured', () => {
    expect(receiptRange(NOW, undefined)).toEqual({
      from: NOW - 5 * MINUTE - 5_000,
      to: NOW - 5_000,
      startedFrom: NOW - 3 * DAY,
    });
  });

  it('continues where the previous run ended, from the bundle that had waited longest', () => {
    const first = receiptRange(NOW, undefined);
    const previous = runOf(first, NOW, { ...empty, bundles: 1, oldestAgeSeconds: 7200 });
    const second = receiptRange(NOW + 5 * MINUTE, previous);
    expect(second).toEqual({
      from: first.to,
      to: NOW + 5 * MINUTE - 5_000,
      startedFrom: NOW - 2 * HOUR - HOUR,
    });
  });

  it('looks back an hour if nothing waited', () => {
    const previous = runOf(receiptRange(NOW, undefined), NOW, empty);
    expect(receiptRange(NOW + 5 * MINUTE, previous).startedFrom).toBe(NOW - 5_000 - HOUR);
  });

  it.each([
    ['not every bundle was counted', { ...empty, complete: false }],
    ['a bundle has waited for longer', { ...empty, bundles: 1, oldestAgeSeconds: (9 * DAY) / 1000 }],
  ])('looks back three days if %s', (_, backlog) => {
    const previous = runOf(receiptRange(NOW, undefined), NOW, backlog);
    expect(receiptRange(NOW + 5 * MINUTE, previous).startedFrom).toBe(NOW + 5 * MINUTE - 3 * DAY);
  });

  it('measures each receipt in one run', async () => {
    const { clock, deliver, dependencies } = setUp();
    const measured: number[] = [];
    let previous;
    for (let run = 0; run < 20; run++) {
      for (let second = 0; second < 300; second += 60) {
        clock.advance(MINUTE);
        deliver(second + run * 100);
      }
      const range = receiptRange(clock.now(), previous);
      const { bundles } = await measureDiskTimes(range, Infinity, dependencies);
      measured.push(bundles);
      // The oldest bundle of the next period waits now.
      const oldestAgeSeconds = run * 100 + 300;
      previous = runOf(range, clock.now(), { ...empty, bundles: 5, oldestAgeSeconds });
    }
    // The receipt of the last five seconds is measured in the next run.
    expect(measured).toEqual([4, ...Array.from({ length: 19 }, () => 5)]);
  });
});

describe('measureDiskTimes', () => {
  it('measures from the landing of the first file to the disk', async () => {
    const { deliver, measure } = setUp();
    deliver(30);
    deliver(7200);
    await expect(measure()).resolves.toEqual({
      bundles: 2,
      seconds: expect.arrayContaining([30, 7200]),
      unreadable: 0,
      complete: true,
    });
  });

  it('measures nothing without receipts', async () => {
    await expect(setUp().measure()).resolves.toEqual({
      bundles: 0,
      seconds: [],
      unreadable: 0,
      complete: true,
    });
  });

  it('counts and logs a receipt that is not valid, and measures the others', async () => {
    const { store, log, deliver, measure } = setUp();
    const broken = deliver(10);
    store.upload('archive', receiptKey(broken), Buffer.from('{'));
    deliver(20);
    await expect(measure()).resolves.toEqual({ bundles: 2, seconds: [20], unreadable: 1, complete: true });
    expect(log.events).toMatchObject([{ event: 'receipt.unreadable', fields: { bundle: broken } }]);
  });

  it('reads a bounded number of receipts, evenly spread', async () => {
    const { get, deliver, measure } = setUp();
    for (let n = 0; n < MAX_READ * 2; n++) deliver(n + 1);
    const times = await measure();
    expect(times).toMatchObject({ bundles: MAX_READ * 2, complete: false });
    expect(get).toHaveBeenCalledTimes(MAX_READ);
    expect(Math.max(...times.seconds) - Math.min(...times.seconds)).toBeGreaterThan(MAX_READ * 2 - 10);
  });

  it('stops when time runs out', async () => {
    const { clock, deliver, measure } = setUp();
    deliver(1);
    deliver(2);
    await expect(measure(clock.now())).resolves.toEqual({
      bundles: 2,
      seconds: [],
      unreadable: 0,
      complete: false,
    });
  });

  it('stops listing when time runs out, also if no receipt is new', async () => {
    const { clock, listing, deliver, measure } = setUp();
    for (let n = 0; n < 9; n++) deliver(n);
    clock.advance(HOUR);
    const pages = jest.spyOn(listing, 'objects');
    await expect(measure(clock.now())).resolves.toMatchObject({ bundles: 0, complete: false });
    expect(pages).toHaveBeenCalledTimes(1);
  });

  it('throws when S3 refuses', async () => {
    const { get, deliver, measure } = setUp();
    const refused = new CallError('GET', { outcome: 'refused', code: 'AccessDenied', status: 403 });
    get.mockRejectedValue(refused);
    deliver(1);
    await expect(measure()).rejects.toThrow(refused);
  });
});

describe('reportDiskTimes', () => {
  it('logs the median, the 95th percentile and the maximum, and the number of bundles also if it is 0', () => {
    const log = recordingLog();
    const seconds = [40, -1, ...Array.from({ length: 18 }, (_, n) => n + 1)];
    reportDiskTimes({ bundles: 20, seconds, unreadable: 0, complete: true }, log);
    reportDiskTimes({ bundles: 0, seconds: [], unreadable: 0, complete: true }, log);
    expect(log.events).toEqual([
      {
        level: 'info',
        event: 'receipts.measured',
        fields: {
          bundles: 20,
          measured: 20,
          unreadable: 0,
          medianSeconds: 9,
          p95Seconds: 18,
          slowestSeconds: 40,
        },
      },
      { level: 'info', event: 'receipts.measured', fields: { bundles: 0, measured: 0, unreadable: 0 } },
    ]);
  });

  it('logs a warning if not every receipt was measured', () => {
    const log = recordingLog();
    const times = { bundles: 2, seconds: [5], unreadable: 0, complete: false };
    reportDiskTimes(times, log);
    expect(log.events).toMatchObject([{ level: 'warn', event: 'receipts.partly-measured' }]);
  });
});
