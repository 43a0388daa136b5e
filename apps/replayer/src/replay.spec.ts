import { CallError } from '@data-aggregator/shared-processing/errors';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import type { ReplayStore } from './replay-store.ts';
import { harness, MINUTE, minutes } from './testing/harness.ts';

const lost = new CallError('COPY', { outcome: 'unknown', code: 'ECONNRESET' });
const targets = (requestId: string, ...bundles: string[]) =>
  bundles.map((key) => `replays/${requestId}/${key}`);

describe('a plan', () => {
  it('says what would be delivered again, and does nothing', async () => {
    const { bundle, run, replayed, replays, table, metrics } = harness();
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
    expect(metrics.counts.get('ReplayedBytes')).toBe(0);
  });
});

describe('a request', () => {
  it('delivers the bundles of a range of time again', async () => {
    const { bundle, run, replayed, store, metrics } = harness();
    const bundles = [await bundle(), await bundle(), await bundle(), await bundle()];
    const answer = await run({ requestId: 'r', ...minutes(2, 4), execute: true });
    expect(answer).toMatchObject({ executed: true, done: true, counts: { copied: 2 }, bytes: 16 });
    expect(replayed()).toEqual(targets('r', ...bundles.slice(1, 3)));
    const [target = ''] = replayed();
    expect(String(store.versions('distribution', target)[0]?.content)).toBe('bundle 2');
    expect(metrics.counts.get('Replayed')).toBe(2);
  });

  it('delivers bundles by their keys, each once', async () => {
    const { bundle, run, replayed } = harness();
    const [first, second] = [await bundle(), await bundle()];
    await run({ requestId: 'r', bundles: [second, first, second], execute: true });
    expect(replayed()).toEqual(targets('r', first, second));
  });

  it('delivers the bundles that hold an original key, as the ledger tells', async () => {
    const { bundle, run, replayed } = harness();
    const first = await bundle({ keys: ['wanted', 'x'] });
    await bundle({ keys: ['wanted/other'] });
    const third = await bundle({ keys: ['wanted'] });
    await run({ requestId: 'r', originalKey: 'wanted', execute: true });
    expect(replayed()).toEqual(targets('r', first, third));
  });

  it('looks for an original key in the manifests of a range, where the ledger has forgotten it', async () => {
    const { bundle, run, replayed, table } = harness();
    await bundle({ keys: ['x'] });
    const second = await bundle({ keys: ['wanted', 'y'] });
    table.items.clear();
    await expect(run({ requestId: 'r', originalKey: 'wanted' })).rejects.toThrow('give "from" and "to"');
    await run({ requestId: 'r', originalKey: 'wanted', ...minutes(0, 60), execute: true });
    expect(replayed()).toEqual(targets('r', second));
  });

  it('delivers nothing twice however often it is made, also once the consumer has taken it', async () => {
    const { bundle, run, replayed, store } = harness();
    await bundle();
    const request = { requestId: 'r', ...minutes(0, 60), execute: true };
    await run(request);
    await expect(run(request)).resolves.toMatchObject({ counts: { 'already-there': 1, copied: 0 } });
    for (const key of replayed()) store.addDeleteMarker('distribution', key);
    await expect(run(request)).resolves.toMatchObject({ counts: { 'already-there': 1, copied: 0 } });
    expect(replayed()).toEqual([]);
  });

  it('has bundles restored, says when to come back, and copies them then', async () => {
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

  it('leaves alone what still waits, and what was never published', async () => {
    const { bundle, run, replayed } = harness();
    await bundle({ published: 'waiting' });
    await bundle({ published: 'never' });
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { 'still-waiting': 1, 'never-published': 1, copied: 0 },
    });
    expect(replayed()).toEqual([]);
  });

  it('says what is missing', async () => {
    const { bundle, run } = harness();
    const unreplicated = await bundle({ archived: false });
    const answer = await run({ requestId: 'r', bundles: [unreplicated, 'bundles/none'], execute: true });
    expect(answer.bundles).toEqual([
      { bundle: unreplicated, kind: 'missing', detail: 'it was published, and the archive does not hold it' },
      { bundle: 'bundles/none', kind: 'missing', detail: 'there is no manifest of such a bundle' },
    ]);
  });

  it('copies nothing that differs from its manifest, and goes on with the others', async () => {
    const { bundle, run, replayed, store } = harness();
    const [shorter, other, third, good] = [await bundle(), await bundle(), await bundle(), await bundle()];
    store.upload('archive', shorter, Buffer.from('bundl'));
    store.upload('archive', other, Buffer.from('BUNDLE 2'));
    store.upload('archive', manifestKey(third), Buffer.from('{'));
    const answer = await run({ requestId: 'r', ...minutes(0, 60), execute: true });
    expect(answer.counts).toMatchObject({ failed: 3, copied: 1 });
    expect(answer.bundles[0]).toMatchObject({ detail: expect.stringContaining('holds 5 bytes') });
    expect(answer.bundles[1]).toMatchObject({ detail: expect.stringContaining('the SHA-256') });
    expect(answer.bundles[2]).toMatchObject({ detail: expect.stringContaining('is not JSON') });
    expect(replayed()).toEqual(targets('r', good));
  });

  it('says so where S3 wrote other bytes', async () => {
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

describe('a copy whose answer is lost', () => {
  const losing = (effect: boolean) => (replays: ReplayStore) => ({
    ...replays,
    copy: jest.fn(async (copy: Parameters<ReplayStore['copy']>[0]) => {
      if (effect) await replays.copy(copy);
      throw lost;
    }),
  });

  it('is found to have happened', async () => {
    const { bundle, run, dependencies } = harness(losing(true));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { copied: 1 },
    });
    expect(dependencies.replays.copy).toHaveBeenCalledTimes(1);
  });

  it('is not made again by the same run', async () => {
    const { bundle, run, dependencies } = harness(losing(false));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).resolves.toMatchObject({
      counts: { failed: 1 },
    });
    expect(dependencies.replays.copy).toHaveBeenCalledTimes(1);
  });
});

describe('an invocation', () => {
  it('stops in time, and answers with the request that goes on', async () => {
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

  it.each(['bundles', 'originalKey'] as const)('goes on with a request by %s too', async (by) => {
    const { bundle, run, replayed, dependencies } = harness();
    dependencies.maxBundles = 1;
    const bundles = [await bundle(), await bundle(), await bundle(), await bundle(), await bundle()];
    const wanted = by === 'bundles' ? { bundles } : { originalKey: 'a' };
    let answer = await run({ requestId: 'r', ...wanted, execute: true });
    expect(answer).toMatchObject({ done: false, counts: { copied: 2 } });
    for (let calls = 0; answer.continuation && calls < 9; calls++) answer = await run(answer.continuation);
    expect(replayed()).toEqual(targets('r', ...bundles));
  });

  it('is alone with its request', async () => {
    const { bundle, run, table, clock } = harness();
    await bundle();
    const lease = { id: 'lease#replay#r', owner: 'other', until: clock.now() + MINUTE, expires: 9e9 };
    table.items.set(lease.id, lease);
    const request = { requestId: 'r', ...minutes(0, 60), execute: true };
    await expect(run(request)).rejects.toThrow('the request r is being worked on');
    await expect(run({ ...request, execute: false })).resolves.toMatchObject({ done: true });
    await expect(run({ ...request, requestId: 's' })).resolves.toMatchObject({ counts: { copied: 1 } });
  });

  it('fails where the system is at fault', async () => {
    const denied = new CallError('HEAD', { outcome: 'refused', code: 'AccessDenied', status: 403 });
    const { bundle, run } = harness((replays) => ({ ...replays, stateOf: () => Promise.reject(denied) }));
    await bundle();
    await expect(run({ requestId: 'r', ...minutes(0, 60), execute: true })).rejects.toThrow(
      'bundles cannot be replayed',
    );
  });
});
