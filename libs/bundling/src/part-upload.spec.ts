import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { MAX_PARTS, MIN_PART_BYTES, type MultipartStore } from '@data-aggregator/shared-processing/s3';
import { manualClock, memoryStore } from '@data-aggregator/shared-processing/testing';
import { createPartUpload, maxStreamedBytes, partBytesFor, UploadError } from './part-upload.ts';

const MiB = 1024 ** 2;
const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
const throttled = new CallError('a call', { outcome: 'throttled', code: 'SlowDown', status: 503 });
const gone = new CallError('a call', { outcome: 'refused', code: 'NoSuchVersion', status: 404 });
const uploadGone = new CallError('a call', { outcome: 'refused', code: 'NoSuchUpload', status: 404 });
const denied = new CallError('a call', { outcome: 'refused', code: 'AccessDenied', status: 403 });
const object = { bucket: 'distribution', key: 'bundles/K', contentType: 'application/gzip' };
const bytes = Buffer.from('a part');

function setUp(wrap: (store: MultipartStore) => Partial<MultipartStore> = () => ({})) {
  const clock = manualClock();
  const memory = memoryStore(clock.now);
  const recorded: string[] = [];
  const warnings: string[] = [];
  const ignore = () => undefined;
  const dependencies = {
    clock,
    random: () => 0.5,
    multipart: { ...memory.multipart, ...wrap(memory.multipart) },
    ledger: { recordUpload: async (_key: string, uploadId: string) => void recorded.push(uploadId) },
    log: { debug: ignore, info: ignore, warn: (event: string) => void warnings.push(event), error: ignore },
  };
  const open = () => createPartUpload(object, { until: clock.now() + 1_000, expires: 7 }, dependencies);
  return { clock, memory, recorded, warnings, dependencies, open };
}

describe('a part upload', () => {
  it('begins with the first part, and once', async () => {
    const { memory, recorded, open } = setUp();
    const upload = open();
    await expect(upload.begun()).resolves.toBeUndefined();
    await Promise.all([upload.put(1, bytes), upload.put(2, bytes)]);
    expect(memory.uploads()).toEqual([await upload.begun()]);
    expect(recorded).toEqual([(await upload.begun())?.uploadId]);
  });

  it('stores no part before its id is in the ledger', async () => {
    const { memory, dependencies, open } = setUp();
    dependencies.ledger.recordUpload = () => Promise.reject(lost);
    await expect(open().put(1, bytes)).rejects.toThrow(UploadError);
    expect(memory.uploads()).toEqual([]);
  });

  it('retries a part', async () => {
    let puts = 0;
    const { open } = setUp((store) => ({
      async uploadPart(...call) {
        if (++puts < 3) throw lost;
        return store.uploadPart(...call);
      },
    }));
    await expect(open().put(1, bytes)).resolves.toMatchObject({ number: 1, size: bytes.length });
    expect(puts).toBe(3);
  });

  it('passes on its time limit to the parts', async () => {
    let signal: AbortSignal | undefined;
    const { clock, open } = setUp((store) => ({
      uploadPart(upload, part, given) {
        signal = given;
        return store.uploadPart(upload, part, given);
      },
    }));
    await open().put(1, bytes);
    clock.advance(999);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    expect(signal?.aborted).toBe(true);
  });

  it.each([
    ['an UploadError', lost, UploadError],
    ['a SystemFault', denied, SystemFault],
  ])('fails with %s', async (_name, error, type) => {
    const { open } = setUp(() => ({ create: () => Promise.reject(error) }));
    await expect(open().put(1, bytes)).rejects.toThrow(type);
  });

  it.each([
    ['blames the object for', gone, CallError],
    ['does not blame the object for', lost, UploadError],
    ['does not blame the object for', throttled, UploadError],
    ['does not blame the object for', uploadGone, UploadError],
    ['does not blame the object for', denied, SystemFault],
  ])('%s a copy that fails with %s', async (_verdict, error, type) => {
    const { open } = setUp(() => ({ copyPart: () => Promise.reject(error) }));
    await expect(open().copy(1, { bucket: 'landing', key: 'large', start: 0, end: 1 })).rejects.toThrow(type);
  });

  it('has no more parts than S3 allows', async () => {
    const upload = setUp().open();
    await expect(upload.put(MAX_PARTS, bytes)).resolves.toMatchObject({ number: MAX_PARTS });
    await expect(upload.put(MAX_PARTS + 1, bytes)).rejects.toThrow(UploadError);
  });

  it.each(['stop', 'abort'] as const)('ends the parts in progress on %s, which then fail', async (method) => {
    let isSent: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => (isSent = resolve));
    const { open } = setUp(() => ({
      uploadPart: (_upload, _part, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(lost));
          isSent();
        }),
    }));
    const upload = open();
    const put = upload.put(1, bytes);
    put.catch(() => undefined);
    await sent;
    await upload[method]();
    await expect(put).rejects.toThrow(UploadError);
  });

  it('is aborted only if it has begun', async () => {
    let aborts = 0;
    const { memory, open } = setUp((store) => ({
      async abort(upload) {
        aborts++;
        await store.abort(upload);
      },
    }));
    await open().abort();
    expect(aborts).toBe(0);
    const upload = open();
    await upload.put(1, bytes);
    await upload.abort();
    expect(aborts).toBe(1);
    expect(memory.uploads()).toEqual([]);
  });

  it('is left to the lifecycle rule if it cannot be aborted', async () => {
    const { warnings, open } = setUp(() => ({ abort: () => Promise.reject(lost) }));
    const upload = open();
    await upload.put(1, bytes);
    await upload.abort();
    expect(warnings).toEqual(['upload.unaborted']);
  });
});

describe('partBytesFor', () => {
  it.each([
    [200 * MiB, 96 * MiB, 8 * MiB],
    [200 * MiB, 10 * MiB, MIN_PART_BYTES],
    [20e9, 96 * MiB, 8 * MiB],
  ])('divides %i bytes with %i bytes of memory into parts of %i', (size, memory, expected) => {
    expect(partBytesFor(size, memory)).toBe(expected);
  });

  it('makes parts larger where 10,000 would not suffice, as far as the memory holds two', () => {
    const size = 300e9;
    expect(partBytesFor(size, 96 * MiB) * MAX_PARTS).toBeGreaterThan(size * 1.001);
    const largest = maxStreamedBytes(96 * MiB);
    expect(partBytesFor(largest, 96 * MiB)).toBeLessThanOrEqual(48 * MiB);
    expect(partBytesFor(largest, 96 * MiB) * MAX_PARTS).toBeGreaterThan(largest * 1.001);
  });
});
