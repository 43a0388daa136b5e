import { hash } from 'node:crypto';
import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import { manualClock, memoryStore } from '@data-aggregator/shared-processing/testing';
import { publish } from './publish.ts';
import { timeBudget } from './time-budget.ts';

const body = Buffer.from('a bundle');
const bundle: StoredObject = {
  bucket: 'distribution',
  key: 'bundles/K',
  size: body.length,
  sha256: hash('sha256', body, 'hex'),
  open: () => body,
  contentType: 'application/gzip',
};
const lost = new CallError('PUT', { outcome: 'unknown', code: 'ECONNRESET' });
const refused = (code: string, status: number) => new CallError('PUT', { outcome: 'refused', code, status });
const throttled = new CallError('PUT', { outcome: 'throttled', code: 'SlowDown', status: 503 });

/** A store whose PUTs go as the test says: before the effect, after it, or well. */
function setUp(...plan: { error: CallError; effect: boolean }[]) {
  const clock = manualClock();
  const memory = memoryStore(clock.now);
  let puts = 0;
  const store: typeof memory = {
    ...memory,
    async put(object, signal) {
      const step = plan[puts++];
      if (!step || step.effect) await memory.put(object, signal);
      if (step) throw step.error;
    },
  };
  const budget = timeBudget(clock.now(), clock.now() + 100_000);
  const run = () => publish(bundle, budget, { store, clock, random: () => 0.5 });
  return { run, clock, memory, store, budget, puts: () => puts };
}

describe('publish', () => {
  it('puts the bundle where none is', async () => {
    const { run, memory } = setUp();
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(memory.versions('distribution', 'bundles/K')).toHaveLength(1);
  });

  it('asks S3 after a lost answer, and finds the bundle there', async () => {
    const { run, puts } = setUp({ error: lost, effect: true });
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(puts()).toBe(1);
  });

  it('never sends a second PUT after a lost answer: the first may still land', async () => {
    const { run, puts } = setUp({ error: lost, effect: false });
    await expect(run()).resolves.toMatchObject({ kind: 'not-published' });
    expect(puts()).toBe(1);
  });

  it('takes a delete marker for what it is: the consumer has pulled the bundle', async () => {
    const { store, budget, clock, memory } = setUp();
    const consumed = {
      ...store,
      put: async (object: StoredObject) => {
        await memory.put(object);
        memory.addDeleteMarker(object.bucket, object.key);
        throw lost;
      },
    };
    await expect(publish(bundle, budget, { store: consumed, clock, random: () => 0.5 })).resolves.toEqual({
      kind: 'published',
    });
  });

  it('tries again what S3 says it has throttled', async () => {
    const { run, puts } = setUp({ error: throttled, effect: false }, { error: throttled, effect: false });
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(puts()).toBe(3);
  });

  it('gives the members back after four throttled attempts', async () => {
    const { run, puts } = setUp(...Array.from({ length: 5 }, () => ({ error: throttled, effect: false })));
    await expect(run()).resolves.toMatchObject({ kind: 'not-published' });
    expect(puts()).toBe(4);
  });

  it('aborts a PUT that has no answer when the time to wait for it is over', async () => {
    const { store, budget, clock } = setUp();
    let aborted: boolean[] = [];
    const silent = {
      ...store,
      async put(_object: StoredObject, signal?: AbortSignal) {
        clock.advance(budget.answerUntil - clock.now() - 1);
        aborted = [signal?.aborted === true];
        clock.advance(1);
        aborted.push(signal?.aborted === true);
        throw lost;
      },
    };
    await publish(bundle, budget, { store: silent, clock, random: () => 0.5 });
    expect(aborted).toEqual([false, true]);
  });

  it('gives up on a refusal that concerns this bundle only', async () => {
    const { run, puts } = setUp({ error: refused('BadDigest', 400), effect: false });
    await expect(run()).resolves.toMatchObject({ kind: 'not-published' });
    expect(puts()).toBe(1);
  });

  it.each(['NoSuchBucket', 'AccessDenied'])('throws on %s: it holds for every bundle', async (code) => {
    const { run } = setUp({ error: refused(code, 403), effect: false });
    await expect(run()).rejects.toThrow(SystemFault);
  });

  it('publishes nothing after the guard', async () => {
    const { run, clock, puts } = setUp();
    clock.advance(95_000);
    await expect(run()).resolves.toMatchObject({ kind: 'not-published' });
    expect(puts()).toBe(0);
  });
});
