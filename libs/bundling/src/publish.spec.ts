import { hash } from 'node:crypto';
import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { MultipartStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import { manualClock, memoryStore } from '@data-aggregator/shared-processing/testing';
import { type BuiltBundle, publish } from './publish.ts';
import { timeBudget } from './time-budget.ts';

const body = Buffer.from('a bundle');
const sha256 = hash('sha256', body, 'hex');
const bundle: BuiltBundle = {
  kind: 'whole',
  object: {
    bucket: 'distribution',
    key: 'bundles/K',
    size: body.length,
    sha256,
    open: () => body,
    contentType: 'application/gzip',
  },
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
  const run = () => publish(bundle, budget, { store, multipart: memory.multipart, clock, random: () => 0.5 });
  return { run, clock, memory, store, budget, puts: () => puts };
}

describe('publish', () => {
  it('puts the bundle where none is', async () => {
    const { run, memory } = setUp();
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(memory.versions('distribution', 'bundles/K')).toHaveLength(1);
  });

  it('replaces nothing that S3 has under the key', async () => {
    const { run, memory } = setUp();
    memory.upload('distribution', 'bundles/K', Buffer.from('there already'));
    await run();
    expect(memory.versions('distribution', 'bundles/K').map(({ content }) => String(content))).toEqual([
      'there already',
    ]);
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
    await expect(
      publish(bundle, budget, { store: consumed, multipart: memory.multipart, clock, random: () => 0.5 }),
    ).resolves.toEqual({
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
    const { store, budget, clock, memory } = setUp();
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
    await publish(bundle, budget, { store: silent, multipart: memory.multipart, clock, random: () => 0.5 });
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

  it('publishes nothing once the time to publish is over', async () => {
    const { run, clock, puts } = setUp();
    clock.advance(90_000);
    await expect(run()).resolves.toMatchObject({ kind: 'not-published' });
    expect(puts()).toBe(0);
  });
});

/** An upload whose completions go as the test says. */
async function setUpUpload(...plan: { error: CallError; effect: boolean }[]) {
  const clock = manualClock();
  const memory = memoryStore(clock.now);
  const object = { bucket: 'distribution', key: 'bundles/K' };
  const uploadId = await memory.multipart.create({ ...object, contentType: 'application/gzip' });
  const upload = { ...object, uploadId };
  const crc64nvme = await checksumOf('crc64nvme', body);
  const parts = [await memory.multipart.uploadPart(upload, { number: 1, bytes: body, crc64nvme })];
  const inParts: BuiltBundle = {
    kind: 'parts',
    object: { ...object, ...joinCrc64(parts), sha256 },
    upload,
    parts,
  };
  let completions = 0;
  const multipart: MultipartStore = {
    ...memory.multipart,
    async complete(...call) {
      const step = plan[completions++];
      if (!step || step.effect) await memory.multipart.complete(...call);
      if (step) throw step.error;
    },
  };
  const budget = timeBudget(clock.now(), clock.now() + 100_000);
  const run = () => publish(inParts, budget, { store: memory, multipart, clock, random: () => 0.5 });
  return { run, memory, upload, completions: () => completions };
}

describe('publish of an upload', () => {
  it('makes the parts one visible object', async () => {
    const { run, memory } = await setUpUpload();
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(memory.versions('distribution', 'bundles/K').map(({ content }) => String(content))).toEqual([
      'a bundle',
    ]);
  });

  it.each([
    ['published', true],
    ['not-published', false],
  ])('asks S3 after a lost answer, and finds it %s', async (kind, effect) => {
    const { run, completions } = await setUpUpload({ error: lost, effect });
    await expect(run()).resolves.toMatchObject({ kind });
    expect(completions()).toBe(1);
  });

  it('is not published if it was aborted', async () => {
    const { run, memory, upload } = await setUpUpload();
    await memory.multipart.abort(upload);
    await expect(run()).resolves.toMatchObject({
      kind: 'not-published',
      detail: expect.stringContaining('NoSuchUpload'),
    });
  });

  it('is published if S3 knows the upload no longer because it was completed', async () => {
    const { run, completions } = await setUpUpload({ error: refused('NoSuchUpload', 404), effect: true });
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(completions()).toBe(1);
  });

  it('is completed again after S3 says that it throttled', async () => {
    const { run, completions } = await setUpUpload({ error: throttled, effect: false });
    await expect(run()).resolves.toEqual({ kind: 'published' });
    expect(completions()).toBe(2);
  });
});
