import { CallError } from '@data-aggregator/shared-processing/errors';
import { markQuarantined } from '@data-aggregator/shared-processing/ledger';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import { DAY, harness, HOUR, MINUTE, keysAndVersions } from './testing/harness.ts';

const iso = (ms: number) => new Date(ms).toISOString();

describe('a scheduled run', () => {
  it('requeues unbundled versions that are old enough', async () => {
    const { land, clock, schedule, requeued } = harness();
    const old = [land('ä b+c/1'), land('2'), land('3'), land('2')];
    clock.advance(4 * MINUTE);
    land('young');
    await expect(schedule()).resolves.toMatchObject({
      done: true,
      counts: { listed: 5, examined: 4, lost: 4, requeued: 4 },
    });
    expect(requeued().sort()).toEqual(keysAndVersions(...old).sort());
  });

  it('skips delivered, claimed and quarantined versions', async () => {
    const { land, clock, claim, publish, schedule, requeued, dependencies, expires } = harness();
    const [delivered, busy, quarantined, abandoned, left] = ['d', 'b', 'q', 'a', 'l'].map(land) as [
      ReturnType<typeof land>,
      ReturnType<typeof land>,
      ReturnType<typeof land>,
      ReturnType<typeof land>,
      ReturnType<typeof land>,
    ];
    await claim('K1', delivered, left);
    publish('K1', delivered);
    await claim('K2', abandoned);
    await markQuarantined(quarantined, 'too-large', expires(), dependencies);
    clock.advance(10 * MINUTE);
    await claim('K3', busy);
    const answer = await schedule();
    expect(answer).toMatchObject({ counts: { delivered: 1, busy: 1, quarantined: 1, lost: 2 } });
    expect(requeued().sort()).toEqual(keysAndVersions(abandoned, left).sort());
  });

  it('examines an object once, and rechecks only unsettled ones', async () => {
    const { land, clock, schedule, requeued, claim, publish } = harness();
    const first = land('first');
    clock.advance(30 * MINUTE);
    await schedule();
    expect(requeued()).toEqual(keysAndVersions(first));

    clock.advance(HOUR);
    const second = land('second');
    clock.advance(4 * MINUTE);
    await schedule();
    expect(requeued()).toEqual(keysAndVersions(second));

    await claim('K1', second);
    publish('K1', second);
    clock.advance(6 * HOUR);
    await schedule();
    expect(requeued()).toEqual(keysAndVersions(first));
    await claim('K2', first);
    publish('K2', first);
    clock.advance(6 * HOUR);
    await expect(schedule()).resolves.toMatchObject({ counts: { lost: 0 } });
    clock.advance(6 * HOUR);
    await expect(schedule()).resolves.toMatchObject({ counts: { examined: 0 } });
  });

  it('rechecks claimed objects, and objects whose bundle could not be looked up', async () => {
    const { land, clock, claim, schedule, requeued, dependencies } = harness();
    const { membersOf } = dependencies.publications;
    const unclear = land('unclear');
    await claim('K1', unclear);
    clock.advance(30 * MINUTE);
    dependencies.publications.membersOf = () => Promise.reject(new Error('the manifest is not JSON'));
    await expect(schedule()).resolves.toMatchObject({ counts: { undecided: 1 } });
    dependencies.publications.membersOf = membersOf;
    clock.advance(6 * HOUR);
    await claim('K2', unclear);
    await expect(schedule()).resolves.toMatchObject({ counts: { busy: 1 } });
    clock.advance(6 * HOUR);
    await expect(schedule()).resolves.toMatchObject({ counts: { lost: 1 } });
    expect(requeued()).toEqual(keysAndVersions(unclear));
  });

  it('finds a multipart upload, which is dated before it appears', async () => {
    const { store, clock, schedule, requeued } = harness({
      listed: (version) => ({
        ...version,
        etag: `${version.etag}-7`,
        lastModified: version.lastModified - 7 * DAY,
      }),
    });
    await schedule();
    clock.advance(30 * HOUR);
    await schedule();
    store.upload('landing', 'large', Buffer.from('x'));
    clock.advance(HOUR);
    await schedule();
    expect(requeued()).toHaveLength(1);
  });

  it('stops in time, and the next run continues', async () => {
    const { land, clock, schedule, requeued } = harness({
      listing: (listing) => ({
        versions: async (start) => {
          clock.advance(40_000);
          return listing.versions(start);
        },
      }),
    });
    const objects = Array.from({ length: 12 }, (_, n) => land(String(n).padStart(2, '0')));
    clock.advance(10 * MINUTE);
    await expect(schedule()).resolves.toMatchObject({ done: false, counts: { listed: 6 } });
    expect(requeued()).toEqual(keysAndVersions(...objects.slice(0, 6)));
    clock.advance(HOUR);
    await expect(schedule()).resolves.toMatchObject({ done: true, counts: { listed: 6 } });
    expect(requeued()).toEqual(keysAndVersions(...objects.slice(6)));
  });

  it('remembers unsettled objects from earlier runs of the same pass', async () => {
    const { land, clock, schedule, requeued, claim, publish } = harness();
    const older = land('00');
    const delivered = Array.from({ length: 8 }, (_, n) => land(`1${n}`));
    await claim('K1', ...delivered);
    publish('K1', ...delivered);
    clock.advance(30 * MINUTE);
    const lost = keysAndVersions(older, land('20'));
    clock.advance(30 * MINUTE);
    const pass = async () => {
      for (let runs = 1; runs < 20; runs++) if (((await schedule(0)) as { done: boolean }).done) return runs;
      throw new Error('the pass has no end');
    };
    await expect(pass()).resolves.toBe(4);
    expect(requeued()).toEqual(lost);
    clock.advance(HOUR);
    await pass();
    expect(requeued()).toEqual([]);
    clock.advance(6 * HOUR);
    await pass();
    expect(requeued()).toEqual(lost);
  });

  it('keeps its progress if it dies during a pass', async () => {
    let pages = 0;
    const { land, clock, schedule } = harness({
      listing: (listing) => ({
        versions: (start) =>
          ++pages === 35
            ? Promise.reject(new CallError('LIST', { outcome: 'refused', code: 'AccessDenied', status: 403 }))
            : listing.versions(start),
      }),
    });
    for (let n = 0; n < 150; n++) land(String(n).padStart(3, '0'));
    clock.advance(10 * MINUTE);
    await expect(schedule()).rejects.toThrow('AccessDenied');
    pages = 1_000;
    await expect(schedule()).resolves.toMatchObject({ done: true, counts: { listed: 150 - 20 * 3 } });
  });

  it('keeps its progress if it cannot save the end of a pass', async () => {
    let refused = 0;
    const { land, clock, schedule } = harness({
      table: (table) => ({
        ...table,
        put: async (item, condition) => {
          const isEnd = 'cursor' in item && !String(item['cursor']).includes('"pass"');
          if (!isEnd || refused++ > 0) return table.put(item, condition);
          throw new CallError('PutItem', { outcome: 'refused', code: 'AccessDeniedException' });
        },
      }),
    });
    for (let n = 0; n < 120; n++) land(String(n).padStart(3, '0'));
    clock.advance(10 * MINUTE);
    await expect(schedule()).rejects.toThrow('AccessDenied');
    await expect(schedule()).resolves.toMatchObject({ done: true, counts: { listed: 120 - 20 * 3 } });
  });

  it('keeps its progress for longer than any ledger keeps its claims', async () => {
    const { clock, schedule, items } = harness();
    await schedule();
    const seconds = Number(items.items.get('reconciler#cursor')?.['expires']) - clock.now() / 1000;
    expect(seconds).toBeGreaterThan((365 * DAY) / 1000);
    expect(seconds).toBeLessThan((500 * DAY) / 1000);
  });

  it('waits until the last requests of a dead run have taken effect', async () => {
    let dies = true;
    const { clock, schedule } = harness({
      listing: (listing) => ({
        versions: (start) => (dies ? new Promise<never>(() => undefined) : listing.versions(start)),
      }),
    });
    // Its deadline is in two minutes.
    void schedule();
    await new Promise(setImmediate);
    dies = false;
    clock.advance(2 * MINUTE + 59_999);
    await expect(schedule()).resolves.toHaveProperty('skipped');
    clock.advance(1);
    await expect(schedule()).resolves.toMatchObject({ done: true });
  });

  it('does nothing while another run is in progress', async () => {
    const { clock, schedule, items } = harness();
    items.items.set('lease#reconciler', {
      id: 'lease#reconciler',
      owner: 'other',
      until: clock.now() + 1,
      expires: 9e9,
    });
    await expect(schedule()).resolves.toEqual({ skipped: 'another run is in progress' });
    clock.advance(1);
    await expect(schedule()).resolves.toMatchObject({ done: true });
  });

  it.each([
    ['stored in one request', 'e'],
    ['uploaded in parts', 'e-7'],
  ])('never requeues an object older than the ledger’s horizon, %s', async (_, etag) => {
    const { land, clock, schedule, requeued } = harness({ listed: (version) => ({ ...version, etag }) });
    land('ancient');
    clock.advance(20 * DAY + MINUTE);
    await expect(schedule()).resolves.toMatchObject({ counts: { listed: 1, examined: 0 } });
    expect(requeued()).toEqual([]);
  });

  it('rechecks an object that the queue did not accept', async () => {
    let down = true;
    const { land, clock, schedule, requeued } = harness({
      takes: ({ body }) => !down || !body.includes('"b"'),
    });
    const [, b] = [land('a'), land('b')];
    clock.advance(5 * MINUTE);
    await expect(schedule()).resolves.toMatchObject({ counts: { lost: 2, requeued: 1, unsent: 1 } });
    requeued();
    down = false;
    clock.advance(6 * HOUR);
    await schedule();
    expect(requeued()).toEqual(expect.arrayContaining(keysAndVersions(b as NonNullable<typeof b>)));
  });

  it('fails without progress if the queue accepts nothing', async () => {
    const { land, clock, schedule, items } = harness({ takes: () => false });
    land('a');
    clock.advance(5 * MINUTE);
    await expect(schedule()).rejects.toThrow('the queue accepts no notifications');
    expect(items.items.has('reconciler#cursor')).toBe(false);
  });

  it('skips an object whose bundle cannot be looked up, and logs it', async () => {
    const { land, clock, schedule, requeued, claim, log, metrics, dependencies } = harness();
    const object = land('a');
    await claim('K1', object);
    dependencies.publications.membersOf = () => Promise.reject(new Error('the manifest is not JSON'));
    clock.advance(5 * MINUTE);
    await expect(schedule()).resolves.toMatchObject({ counts: { undecided: 1, lost: 0 } });
    expect(requeued()).toEqual([]);
    expect(log.events).toContainEqual(expect.objectContaining({ level: 'error', event: 'object.undecided' }));
    expect(Object.fromEntries(metrics.counts)).toEqual({ Undecided: 1 });
  });

  it('logs objects without a version id, and does not requeue them', async () => {
    const { land, clock, schedule, requeued, log } = harness({
      listed: (version) => ({ ...version, versionId: 'null' }),
    });
    land('a');
    clock.advance(5 * MINUTE);
    await expect(schedule()).resolves.toMatchObject({ counts: { unversioned: 1, lost: 0 } });
    expect(requeued()).toEqual([]);
    expect(log.events).toContainEqual({
      level: 'warn',
      event: 'objects.unversioned',
      fields: { objects: 1, first: 'a' },
    });
  });

  it('logs the number of requeued objects, and each lost object at level debug', async () => {
    const { land, clock, schedule, log } = harness({ takes: ({ body }) => !body.includes('"c"') });
    const at = clock.now();
    for (const key of ['a', 'b', 'c', 'd']) land(key);
    clock.advance(HOUR);
    await schedule();
    clock.advance(HOUR);
    await schedule();
    const eventsNamed = (name: string) => log.events.filter(({ event }) => event === name);
    expect(eventsNamed('objects.requeued')).toMatchObject([
      { level: 'warn', fields: { objects: 2, first: 'a' } },
      { level: 'warn', fields: { objects: 1, first: 'd' } },
    ]);
    expect(eventsNamed('object.lost')).toMatchObject(
      ['a', 'b', 'c', 'd'].map((key) => ({ level: 'debug', fields: { key, landedAt: iso(at) } })),
    );
  });

  it('returns the first twenty lost objects', async () => {
    const { land, clock, schedule } = harness();
    const keys = Array.from({ length: 30 }, (_, n) => String(n).padStart(2, '0'));
    for (const key of keys) land(key);
    clock.advance(5 * MINUTE);
    await expect(schedule()).resolves.toMatchObject({
      counts: { lost: 30 },
      lost: keys.slice(0, 20).map((key) => ({ key })),
    });
  });

  it('reports what it found as metrics', async () => {
    const { land, clock, schedule, metrics } = harness();
    await schedule();
    expect(Object.fromEntries(metrics.counts)).toEqual({});
    land('a');
    clock.advance(5 * MINUTE);
    await schedule();
    expect(Object.fromEntries(metrics.counts)).toEqual({ Lost: 1 });
  });
});

describe('a manual run', () => {
  it('requeues lost objects of its range, and does not change the cursor', async () => {
    const { land, clock, byHand, requeued, items, metrics } = harness();
    land('before');
    clock.advance(HOUR);
    const from = clock.now();
    const wanted = land('wanted');
    clock.advance(HOUR);
    const to = clock.now();
    land('after');
    clock.advance(HOUR);
    await expect(byHand({ from: iso(from), to: iso(to) })).resolves.toMatchObject({
      from: iso(from),
      to: iso(to),
      done: true,
      lost: [{ key: 'wanted', versionId: versionTextOf(wanted), landedAt: iso(from) }],
    });
    expect(requeued()).toEqual(keysAndVersions(wanted));
    expect(Object.fromEntries(metrics.counts)).toEqual({ Lost: 1 });
    expect(items.items.size).toBe(0);
  });

  it('only counts in a dry run', async () => {
    const { land, clock, byHand, requeued } = harness();
    land('a');
    clock.advance(HOUR);
    await expect(byHand({ dryRun: true })).resolves.toMatchObject({ counts: { lost: 1, requeued: 0 } });
    expect(requeued()).toEqual([]);
  });

  it('returns the request that continues it', async () => {
    const { land, clock, byHand, requeued } = harness();
    const objects = Array.from({ length: 8 }, (_, n) => land(String(n)));
    clock.advance(HOUR);
    let answer = await byHand({}, 0);
    for (let calls = 0; answer.continuation && calls < 9; calls++) {
      answer = await byHand(JSON.parse(JSON.stringify(answer.continuation)), 0);
    }
    expect(answer.done).toBe(true);
    expect(requeued()).toEqual(keysAndVersions(...objects));
  });

  it('continues to the end of a range that has become too old meanwhile', async () => {
    const { land, clock, byHand } = harness();
    for (const key of ['a', 'b', 'c', 'd']) land(key);
    const to = clock.now() + 1;
    clock.advance(20 * DAY);
    const { counts, continuation } = await byHand({ to: iso(to) }, 0);
    expect(counts).toMatchObject({ lost: 3 });
    clock.advance(MINUTE);
    const rest = await byHand({ ...continuation }, 0);
    expect(rest).toMatchObject({ done: true, counts: { listed: 1, lost: 0 } });
    expect(rest.refused).toBeUndefined();
  });

  it('examines older objects if the caller says that nothing was delivered', async () => {
    const { land, clock, byHand, requeued } = harness();
    const ancient = land('ancient');
    clock.advance(40 * DAY);
    await expect(byHand({ from: iso(0) })).resolves.toMatchObject({ counts: { examined: 0 } });
    await byHand({ from: iso(0), neverDelivered: true });
    expect(requeued()).toEqual(keysAndVersions(ancient));
  });

  it('skips objects that are too young to be lost', async () => {
    const { land, clock, byHand } = harness();
    land('young');
    await expect(byHand({ to: iso(clock.now() + HOUR) })).resolves.toMatchObject({ counts: { examined: 0 } });
  });

  it('examines the part of a range that is old enough', async () => {
    const { land, clock, byHand } = harness();
    land('old');
    clock.advance(3 * MINUTE + 1);
    const to = clock.now();
    await expect(byHand({ from: iso(0), to: iso(to) })).resolves.toMatchObject({
      to: iso(to - 3 * MINUTE),
      counts: { lost: 1 },
    });
  });

  it.each([
    ['that starts less than three minutes ago', { from: -3 * MINUTE, to: 0 }, 'too-recent'],
    ['without an end that starts now', { from: -1 }, 'too-recent'],
    ['that ends before the ledger’s horizon', { from: -40 * DAY, to: -20 * DAY }, 'too-old'],
  ])(
    'refuses a range %s, and lists nothing',
    async (_, { from, to }: { from: number; to?: number }, reason) => {
      const listings = jest.fn();
      const { clock, byHand } = harness({
        listing: (listing) => ({
          versions: (page) => {
            listings();
            return listing.versions(page);
          },
        }),
      });
      clock.advance(50 * DAY);
      const at = (offset: number) => iso(clock.now() + offset);
      const answer = await byHand({ from: at(from), ...(to !== undefined && { to: at(to) }), dryRun: true });
      expect(answer).toMatchObject({ done: true, counts: { examined: 0, lost: 0 }, refused: { reason } });
      expect(listings).not.toHaveBeenCalled();
    },
  );
});
