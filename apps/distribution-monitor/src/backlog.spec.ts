import { CallError } from '@data-aggregator/shared-processing/errors';
import type { ObjectListing } from '@data-aggregator/shared-processing/s3';
import { manualClock, memoryListing, memoryStore } from '@data-aggregator/shared-processing/testing';
import { recordingLog, recordingMetrics } from '@data-aggregator/shared-processing/observability/testing';
import { countBacklog, reportBacklog } from './backlog.ts';

const HOUR = 3_600_000;

function setUp(wrap: (listing: ObjectListing) => Pick<ObjectListing, 'objects'> = (listing) => listing) {
  const clock = manualClock();
  const store = memoryStore(clock.now);
  const dependencies = { clock, random: () => 0.5, listing: wrap(memoryListing(store, 2)) };
  const put = (key: string, bytes: number) => store.upload('distribution', key, Buffer.alloc(bytes));
  const count = (until = Infinity) => countBacklog('distribution', until, dependencies);
  return { clock, store, put, count };
}

describe('countBacklog', () => {
  it('returns zeros for an empty bucket', async () => {
    await expect(setUp().count()).resolves.toEqual({
      bundles: 0,
      bytes: 0,
      oldestAgeSeconds: 0,
      complete: true,
    });
  });

  it('counts bundles and replays that the consumer has not deleted, over all pages', async () => {
    const { clock, store, put, count } = setUp();
    for (let n = 0; n < 5; n++) {
      put(`bundles/${n}`, 10);
      clock.advance(HOUR);
    }
    put('replays/r/bundles/0', 7);
    put('elsewhere/x', 1_000);
    store.addDeleteMarker('distribution', 'bundles/0');
    await expect(count()).resolves.toEqual({
      bundles: 5,
      bytes: 47,
      oldestAgeSeconds: 4 * 3600,
      complete: true,
    });
  });

  it('returns the age of the oldest bundle under any prefix', async () => {
    const { clock, put, count } = setUp();
    put('replays/r/z', 1);
    clock.advance(HOUR);
    put('bundles/a', 1);
    await expect(count()).resolves.toMatchObject({ oldestAgeSeconds: 3600 });
  });

  it('never returns a negative age, even if the clocks differ', async () => {
    const { clock, put, count } = setUp();
    put('bundles/a', 1);
    clock.advance(-5_000);
    await expect(count()).resolves.toMatchObject({ oldestAgeSeconds: 0 });
  });

  it('returns lower bounds if time runs out', async () => {
    const { clock, put, count } = setUp((listing) => ({
      objects: async (start) => {
        clock.advance(1_000);
        return listing.objects(start);
      },
    }));
    for (let n = 0; n < 9; n++) put(`bundles/${n}`, 1);
    await expect(count(clock.now() + 2_000)).resolves.toMatchObject({ bundles: 4, complete: false });
  });

  it('retries when throttled, and throws when S3 refuses', async () => {
    let calls = 0;
    const throttled = new CallError('LIST', { outcome: 'throttled', code: 'SlowDown', status: 503 });
    const refused = new CallError('LIST', { outcome: 'refused', code: 'AccessDenied', status: 403 });
    const slow = setUp((listing) => ({
      objects: (start) => (calls++ === 0 ? Promise.reject(throttled) : listing.objects(start)),
    }));
    slow.put('bundles/a', 1);
    await expect(slow.count()).resolves.toMatchObject({ bundles: 1 });
    await expect(setUp(() => ({ objects: () => Promise.reject(refused) })).count()).rejects.toThrow(refused);
  });
});

describe('reportBacklog', () => {
  it('reports zeros too, so that an alarm ends', () => {
    const metrics = recordingMetrics();
    const log = recordingLog();
    reportBacklog({ bundles: 0, bytes: 0, oldestAgeSeconds: 0, complete: true }, { log, metrics });
    expect(Object.fromEntries(metrics.counts)).toEqual({ BacklogBundles: 0 });
    expect(metrics.durations.get('OldestBundleAgeSeconds')).toEqual([0]);
    expect(log.events).toMatchObject([{ level: 'info', event: 'backlog.counted' }]);
  });

  it('logs a warning if not everything was counted', () => {
    const log = recordingLog();
    const backlog = { bundles: 4, bytes: 9, oldestAgeSeconds: 60, complete: false };
    reportBacklog(backlog, { log, metrics: recordingMetrics() });
    expect(log.events).toMatchObject([{ level: 'warn', event: 'backlog.partly-counted' }]);
  });
});
