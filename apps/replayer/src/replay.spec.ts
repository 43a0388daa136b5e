import { CallError } from '@data-aggregator/shared-processing/errors';
import { bundleId } from '@data-aggregator/shared-processing/ledger';
import { ManifestError, manifestKey } from '@data-aggregator/shared-processing/manifest';
import type { ReplayStore } from './replay-store.ts';
import { harness, MINUTE, minutes, NINE } from './testing/harness.ts';

const lost = new CallError('COPY', { outcome: 'unknown', code: 'ECONNRESET' });
const targets = (requestId: string, ...bundles: string[]) =>
  bundles.map((key) => `replays/${requestId}/${key}`);

describe('a plan', () => {
  it('lists what would be replayed, and does nothing', async () => {
    const { bundle, run, replayed, replays, table } = harness();
    const [first, second] = [await bundle(), await bundle()];
    replays.archive('archive', second, 'DEEP_ARCHIVE');
    const before = table.items.size;
    const answer = await run({ requestId: 'r', ...minutes(0, 60) });
    expect(answer).toMatchObject({
      executed: false,
      done: true,
      bytes: 8,
      counts: { 'to-copy': 1, 'to-restore': 1 },
      bundles: [
        { bundle: first, kind: 'to-copy', target: `replays/r/${first}` },
        { bundle: second, kind: 'to-restore', storageClass: 'DEEP_ARCHIVE' },
      ],
    });
    expect(answer.comeBackAt).toBeUndefined();
    expect(replayed()).toEqual([]);
    expect(replays.restores).toEqual([]);
    expect(table.items.size).toBe(before);
  });
});

describe('a request', () => {
  it('replays the bundles of a range of time', async () => {
    const { bundle, run, replayed, store, metrics } = harness();
    const bundles = [await bundle(), await bundle(), await bundle(), await bundle()];
    const answer = await run({ requestId: 'r', ...minutes(2, 4), execute: true });
    expect(answer).toMatchObject({ executed: true, done: true, counts: { copied: 2 }, bytes: 16 });
    expect(replayed()).toEqual(targets('r', ...bundles.slice(1, 3)));
    const [target = ''] = replayed();
    expect(String(store.versions('distribution', target)[0]?.content)).toBe('bundle 2');
    expect([...metrics.counts]).toEqual([]);
  });

  it('replays the bundles of one group, to a prefix of that group, also when it is continued', async () => {
    const { bundle, run, replayed, dependencies } = harness();
    dependencies.maxBundles = 1;
    dependencies.concurrency = 1;
    await bundle();
    const wanted = [await bundle({ group: 'a' }), await bundle({ group: 'a' })];
    await bundle({ group: 'b' });
    let answer = await run({ requestId: 'r', ...minutes(0, 60), group: 'a', execute: true });
    while (answer.continuation) answer = await run(answer.continuation);
    expect(replayed()).toEqual(wanted.map((key) => `replays/_groups/a/r/${key}`));
  });

  it('replays all groups, and bundles without one', async () => {
    const { bundle, run, replayed } = harness();
    for (const group of [undefined, 'b', 'a', '_ungrouped'])
      await bundle(group === undefined ? {} : { group });
    await run({ requestId: 'r', ...minutes(0, 60), execute: true });
    expect(replayed()).toHaveLength(4);
  });

  it('replays bundles by key, each once', async () => {
    const { bundle, run, replayed } = harness();
    const [first, second] = [await bundle(), await bundle()];
    await run({ requestId: 'r', bundles: [second, first, second], execute: true });
    expect(replayed()).toEqual(targets('r', first, second));
  });

  it('finds the bundles that contain an original key in the ledger', async () => {
    const { bundle, run, replayed } = harness();
    const first = await bundle({ keys: ['wanted', 'x'] });
    await bundle({ keys: ['wanted/other'] });
    const third = await bundle({ keys: ['wanted'] });
    await run({ requestId: 'r', originalKey: 'wanted', execute: true });
    expect(replayed()).toEqual(targets('r', first, third));
  });

  it('finds an original key in the manifests of a range if the ledger has no record of it', async () => {
    const { bundle, run, replayed, table } = harness();
    await bundle({ keys: ['x'] });
    const second = await bundle({ keys: ['wanted', 'y'] });
    table.items.clear();
    await expect(run({ requestId: 'r', originalKey: 'wanted' })).rejects.toThrow('give "from" and "to"');
    await run({ requestId: 'r', originalKey: 'wanted', ...minutes(0, 60), execute: true });
    expect(replayed()).toEqual(targets('r', second));
  });

  it('names a bundle with an original key that cannot be looked up', async () => {
    const { bundle, run, replayed, dependencies, store } = harness();
    const [damaged, second] = [await bundle({ keys: ['wanted'] }), await bundle({ keys: ['wanted'] })];
    store.upload('archive', manifestKey(damaged), Buffer.from('{'));
    const { membersOf } = dependencies.publications;
    dependencies.publications = {
      async membersOf(key) {
        if (key === damaged) throw new ManifestError('not JSON');
        return membersOf(key);
      },
    };
    await expect(run({ requestId: 'r', originalKey: 'wanted', execute: true })).resolves.toMatchObject({
      counts: { copied: 1, failed: 1 },
      bundles: [
        { bundle: damaged, kind: 'failed' },
        { bundle: second, kind: 'copied' },
      ],
    });
    expect(replayed()).toEqual(targets('r', second));
  });

  it('delivers nothing twice when repeated, even after the consumer has deleted the copy', async () => {
    const { bundle, run, replayed, store } = harness();
    await bundle();
    const request = { requestId: 'r', ...minutes(0, 60), execute: true };
    await run(request);
    await expect(run(request)).resolves.toMatchObject({ counts: { 'already-there': 1, copied: 0 } });
    for (const key of replayed()) store.addDeleteMarker('distribution', key);
    await expect(run(request)).resolves.toMatchObject({ counts: { 'already-there': 1, copied: 0 } });
    expect(replayed()).toEqual([]);
  });

  it('restores bundles, says when to come back, and copies them then', async () => {
    const { bundle, run, replayed, replays, clock } = harness();
    const [first, second] = [await bundle(), await bundle()];
    replays.archive('archive', first, 'DEEP_ARCHIVE');
    const request = { requestId: 'r', ...minutes(0, 60), execute: true };
    const answer = await run(request);
    expect(answer).toMatchObject({ counts: { restoring: 1, copied: 1 } });
    expect(answer.comeBackAt).toBe(new Date(clock.now() + 48 * 60 * MINUTE).toISOString());
    expect(replays.restores).toEqual([{ key: first, days: 7, tier: 'Bulk' }]);
    await expect(run(request)).resolves.toMatchObject({ counts: { restoring: 1, 'already-there': 1 } });
    expect(replays.restores).toHaveLength(1);
    replays.completeRestores();
    const last = await run(request);
    expect(last).toMatchObject({ counts: { copied: 1, 'already-there': 1 } });
    expect(last.comeBackAt).toBeUndefined();
    expect(replayed()).toEqual(targets('r', first, second));
  });

  it('skips bundles that still wait, and bundles that were never published', async () => {
    const { bundle, run, replayed } = harness();
    await bundle({ published: 'waiting' });
    await bundle({ published: 'never' });
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { 'still-waiting': 1, 'never-published': 1, copied: 0 },
    });
    expect(replayed()).toEqual([]);
  });

  it('reports missing bundles', async () => {
    const { bundle, run, metrics } = harness();
    const unreplicated = await bundle({ archived: false });
    const answer = await run({ requestId: 'r', bundles: [unreplicated, 'bundles/none'], execute: true });
    expect(answer.bundles).toEqual([
      { bundle: unreplicated, kind: 'missing', detail: 'it was published, but is not in the archive' },
      { bundle: 'bundles/none', kind: 'missing', detail: 'there is no manifest of this bundle' },
    ]);
    expect(Object.fromEntries(metrics.counts)).toEqual({ ReplaysFailed: 2 });
  });

  it('does not copy bundles that differ from their manifests, and continues with the others', async () => {
    const { bundle, run, replayed, store } = harness();
    const [shorter, other, third, good] = [await bundle(), await bundle(), await bundle(), await bundle()];
    store.upload('archive', shorter, Buffer.from('bundl'));
    store.upload('archive', other, Buffer.from('BUNDLE 2'));
    store.upload('archive', manifestKey(third), Buffer.from('{'));
    const answer = await run({ requestId: 'r', ...minutes(0, 60), execute: true });
    expect(answer.counts).toMatchObject({ failed: 3, copied: 1 });
    expect(answer.bundles[0]).toMatchObject({ detail: expect.stringContaining('has 5 bytes') });
    expect(answer.bundles[1]).toMatchObject({ detail: expect.stringContaining('the SHA-256') });
    expect(answer.bundles[2]).toMatchObject({ detail: expect.stringContaining('is not JSON') });
    expect(replayed()).toEqual(targets('r', good));
  });

  it.each<[string, boolean, { sha256?: string | undefined; crc64nvme?: string | undefined }, object]>([
    ['the same SHA-256', false, { crc64nvme: undefined }, { copied: 1 }],
    ['no checksum', false, { sha256: undefined, crc64nvme: undefined }, { copied: 1 }],
    ['no checksum that the manifest has', false, { sha256: undefined }, { copied: 1 }],
    ['another SHA-256', false, { sha256: 'f'.repeat(64) }, { failed: 1 }],
    ['the same CRC-64/NVME', true, { sha256: undefined }, { copied: 1 }],
    ['another CRC-64/NVME', true, { sha256: undefined, crc64nvme: 'f'.repeat(16) }, { failed: 1 }],
  ])('compares the checksums of a bundle in the archive that has %s', async (_, copied, state, counts) => {
    const { bundle, run } = harness((replays) => ({
      ...replays,
      stateOf: async (...given) => ({ ...(await replays.stateOf(...given)), ...state }),
    }));
    const key = await bundle({ copied });
    await expect(run({ requestId: 'r', bundles: [key], execute: true })).resolves.toMatchObject({ counts });
  });

  it('reports and logs a copy with other bytes', async () => {
    const { bundle, run, log } = harness((replays) => ({
      ...replays,
      copy: async (copy) => (await replays.copy(copy), 'f'.repeat(64)),
    }));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { failed: 1 },
    });
    expect(log.events).toContainEqual(expect.objectContaining({ level: 'error', event: 'bundle.miscopied' }));
  });
});

describe('a copy whose response is lost', () => {
  const losing = (effect: boolean) => (replays: ReplayStore) => ({
    ...replays,
    copy: jest.fn(async (copy: Parameters<ReplayStore['copy']>[0]) => {
      if (effect) await replays.copy(copy);
      throw lost;
    }),
  });

  it('counts as copied if the target exists', async () => {
    const { bundle, run, dependencies } = harness(losing(true));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { copied: 1 },
    });
    expect(dependencies.replays.copy).toHaveBeenCalledTimes(1);
  });

  it('is not retried in the same run', async () => {
    const { bundle, run, dependencies } = harness(losing(false));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { failed: 1 },
    });
    expect(dependencies.replays.copy).toHaveBeenCalledTimes(1);
  });
});

describe('a copy that may still arrive', () => {
  const request = { requestId: 'r', ...minutes(0, 60), execute: true };

  it('is not repeated before it is certain that it will not', async () => {
    let late: (() => Promise<string>) | undefined;
    const { bundle, run, replayed, store, clock } = harness((replays) => ({
      ...replays,
      copy(copy) {
        if (late) return replays.copy(copy);
        late = () => replays.copy(copy);
        return Promise.reject(lost);
      },
    }));
    const key = await bundle();
    await expect(run(request)).resolves.toMatchObject({ counts: { failed: 1 } });
    await expect(run(request)).resolves.toMatchObject({
      bundles: [{ kind: 'failed', detail: expect.stringContaining('may still arrive until') }],
    });
    await late?.();
    expect(replayed()).toEqual(targets('r', key));
    store.addDeleteMarker('distribution', targets('r', key)[0] ?? '');
    clock.advance(10 * MINUTE);
    await expect(run(request)).resolves.toMatchObject({ counts: { 'already-there': 1 } });
  });

  it('is repeated once that is certain', async () => {
    let isLost = true;
    const { bundle, run, replayed, clock } = harness((replays) => ({
      ...replays,
      copy: (copy) => (isLost ? Promise.reject(lost) : replays.copy(copy)),
    }));
    const key = await bundle();
    await run(request);
    isLost = false;
    // Lambda kills the invocation after five minutes; its last request may take one more to take effect.
    clock.advance(6 * MINUTE - 1);
    await expect(run(request)).resolves.toMatchObject({ counts: { failed: 1 } });
    clock.advance(1);
    await expect(run(request)).resolves.toMatchObject({ counts: { copied: 1 } });
    expect(replayed()).toEqual(targets('r', key));
  });

  it('is not repeated if an earlier version of this function recorded it', async () => {
    const { bundle, run, table, clock } = harness();
    const [target = ''] = targets('r', await bundle());
    const record = { id: bundleId(target), copyUntil: clock.now() + MINUTE, expires: 9e9 };
    table.items.set(record.id, record);
    await expect(run(request)).resolves.toMatchObject({ counts: { failed: 1 } });
  });

  it('is recorded until it is certain, but not for ever', async () => {
    const { bundle, run, table } = harness();
    const [target = ''] = targets('r', await bundle());
    await run(request);
    const days = (Number(table.items.get(bundleId(target))?.['expires']) - NINE / 1000) / 86_400;
    expect(days).toBeGreaterThan(1);
    expect(days).toBeLessThan(30);
  });

  it('is repeated at once if S3 refused it', async () => {
    let isThrottled = true;
    const throttled = new CallError('COPY', { outcome: 'throttled', code: 'SlowDown', status: 503 });
    const { bundle, run } = harness((replays) => ({
      ...replays,
      copy: (copy) => (isThrottled ? Promise.reject(throttled) : replays.copy(copy)),
    }));
    await bundle();
    await expect(run(request)).resolves.toMatchObject({ counts: { failed: 1 } });
    isThrottled = false;
    await expect(run(request)).resolves.toMatchObject({ counts: { copied: 1 } });
  });
});

describe('an invocation', () => {
  it('stops in time, and returns the request that continues it', async () => {
    const { bundle, run, replayed } = harness();
    const bundles: string[] = [];
    for (let n = 0; n < 7; n++) bundles.push(await bundle());
    let answer = await run({ requestId: 'r', ...minutes(0, 60), execute: true }, 0);
    expect(answer).toMatchObject({ done: false, counts: { copied: 2 } });
    for (let calls = 0; answer.continuation && calls < 9; calls++) {
      answer = await run(JSON.parse(JSON.stringify(answer.continuation)), 0);
    }
    expect(answer).toMatchObject({ done: true, counts: { 'already-there': 0 } });
    expect(replayed()).toEqual(targets('r', ...bundles));
  });

  it.each([
    [1, [3, 3]],
    [2, [2, 2, 2]],
    [3, [3, 3]],
    [4, [3, 3]],
  ])(
    'replays up to three bundles in one invocation if that is its maximum, %i at a time',
    async (concurrency, copied) => {
      const { bundle, run, dependencies } = harness();
      Object.assign(dependencies, { maxBundles: 3, concurrency });
      const bundles: string[] = [];
      for (let n = 0; n < 6; n++) bundles.push(await bundle());
      const answers = [await run({ requestId: 'r', bundles, execute: true })];
      for (let next = answers[0]?.continuation; next; next = answers.at(-1)?.continuation)
        answers.push(await run(next));
      expect(answers.map(({ counts }) => counts.copied)).toEqual(copied);
    },
  );

  it.each(['bundles', 'originalKey'] as const)('continues a request by %s too', async (by) => {
    const { bundle, run, replayed, dependencies } = harness();
    dependencies.maxBundles = 3;
    dependencies.concurrency = 3;
    const bundles: string[] = [];
    for (let n = 0; n < 6; n++) bundles.push(await bundle());
    const wanted = by === 'bundles' ? { bundles: bundles.toReversed() } : { originalKey: 'a' };
    const first = await run({ requestId: 'r', ...wanted, execute: true });
    expect(first).toMatchObject({ done: false, counts: { copied: 3 } });
    expect(first.continuation && (await run(first.continuation))).toMatchObject({
      done: true,
      counts: { copied: 3, 'already-there': 0 },
    });
    expect(replayed()).toEqual(targets('r', ...bundles));
  });

  it('does not execute a request that another invocation executes', async () => {
    const { bundle, run, table, clock } = harness();
    await bundle();
    const lease = { id: 'lease#replay#r', owner: 'other', until: clock.now() + MINUTE, expires: 9e9 };
    table.items.set(lease.id, lease);
    const request = { requestId: 'r', ...minutes(0, 60), execute: true };
    await expect(run(request)).rejects.toThrow('the request r is in progress');
    await expect(run({ ...request, execute: false })).resolves.toMatchObject({ done: true });
    await expect(run({ ...request, requestId: 's' })).resolves.toMatchObject({ counts: { copied: 1 } });
  });

  it('fails if the failure affects every bundle', async () => {
    const denied = new CallError('HEAD', { outcome: 'refused', code: 'AccessDenied', status: 403 });
    const { bundle, run } = harness((replays) => ({ ...replays, stateOf: () => Promise.reject(denied) }));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).rejects.toThrow(
      'bundles cannot be replayed',
    );
  });
});
