import { bundleKey, replayKey } from '../bundle-key/index.ts';
import { CallError } from '../errors/index.ts';
import type { ObjectListing } from '../s3/index.ts';
import { manualClock, memoryListing, memoryStore } from '../testing/index.ts';
import { recordingLog } from '../observability/testing/index.ts';
import { countBacklog, reportBacklog } from './backlog.ts';

const HOUR = 3_600_000;

function setUp(
  wrap: (listing: ObjectListing) => Pick<ObjectListing, 'objects'> = (listing) => listing,
  pageSize = 2,
) {
  const clock = manualClock();
  const store = memoryStore(clock.now);
  const dependencies = { clock, random: () => 0.5, listing: wrap(memoryListing(store, pageSize)) };
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

  it('adds up the bundles and replays of each group, the longest waiting first', async () => {
    const { clock, put, count } = setUp();
    const keys = ['b', 'a', 'a', '_ungrouped'].map((group, n) =>
      bundleKey(clock.now(), String(n).padStart(16, '0'), '.tar.gz', group),
    );
    for (const key of keys) {
      put(key, 10);
      clock.advance(HOUR);
    }
    put(replayKey('r', keys[0] ?? ''), 1);
    put('bundles/2026/x', 1);
    const { groups } = await count();
    expect(groups).toEqual([
      { group: 'b', bundles: 2, bytes: 11, oldestAgeSeconds: 4 * 3600 },
      { group: 'a', bundles: 2, bytes: 20, oldestAgeSeconds: 3 * 3600 },
      { group: '_ungrouped', bundles: 1, bytes: 10, oldestAgeSeconds: 3600 },
    ]);
  });

  it('reports the oldest of very many groups, and counts all bundles', async () => {
    const { clock, put, count } = setUp((listing) => listing, 1_000);
    for (let n = 0; n < 3_000; n++) {
      put(bundleKey(clock.now(), '0'.repeat(16), '.tar.gz', `g${(n * 7) % 3_000}`), 1);
      clock.advance(1_000);
    }
    const { bundles, groups } = await count();
    expect(bundles).toBe(3_000);
    expect(groups?.map(({ group }) => group)).toEqual(Array.from({ length: 20 }, (_, n) => `g${n * 7}`));
  });

  it.each([
    ['all groups, up to a thousand', 1_000, 2],
    ['those of more than a thousand groups that have the oldest bundles', 1_001, 1],
  ])('keeps in memory %s', async (_, total, expected) => {
    const { clock, put, count } = setUp((listing) => listing, 2_000);
    const keyOf = (n: number) => bundleKey(clock.now(), '0'.repeat(16), '.tar.gz', `g${n}`);
    // The oldest, but listed last: after the group's only other bundle, which is the newest.
    put(replayKey('r', keyOf(total)), 1);
    for (let n = 1; n <= total; n++) {
      clock.advance(1_000);
      put(keyOf(n), 1);
    }
    const { bundles, groups } = await count();
    expect(bundles).toBe(total + 1);
    expect(groups?.[0]).toMatchObject({ group: `g${total}`, bundles: expected });
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
  it('logs an empty backlog too', () => {
    const log = recordingLog();
    reportBacklog({ bundles: 0, bytes: 0, oldestAgeSeconds: 0, complete: true }, log);
    expect(log.events).toMatchObject([
      { level: 'info', event: 'backlog.counted', fields: { bundles: 0, oldestAgeSeconds: 0 } },
    ]);
  });

  it('logs the groups', () => {
    const log = recordingLog();
    const groups = [{ group: 'a', bundles: 4, bytes: 9, oldestAgeSeconds: 60 }];
    reportBacklog({ bundles: 4, bytes: 9, oldestAgeSeconds: 60, complete: true, groups }, log);
    expect(log.events).toMatchObject([{ event: 'backlog.counted', fields: { groups } }]);
  });

  it('logs a warning if not everything was counted', () => {
    const log = recordingLog();
    const backlog = { bundles: 4, bytes: 9, oldestAgeSeconds: 60, complete: false };
    reportBacklog(backlog, log);
    expect(log.events).toMatchObject([{ level: 'warn', event: 'backlog.partly-counted' }]);
  });
});
