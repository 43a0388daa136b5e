import { randomBytes } from 'node:crypto';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import type { MultipartStore } from '@data-aggregator/shared-processing/s3';
import { harness } from './testing/harness.ts';

/* Bundles that do not fit in memory: uploaded in parts, of which nothing is visible until the upload is completed. */

const STAGING_BYTES = 40_000;
const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
/** As base64, so that it survives as text; gzip cannot shrink it to the staging's size. */
const incompressible = (bytes: number) => randomBytes(bytes).toString('base64');

/** A harness that counts the calls of uploads. `wrap` lets calls go wrong. */
function setUp(
  wrap: (store: MultipartStore) => Partial<MultipartStore> = () => ({}),
  table?: (table: LedgerTable) => LedgerTable,
) {
  const calls: string[] = [];
  const h = harness({
    stagingBytes: STAGING_BYTES,
    ...(table && { table }),
    multipart(store) {
      const wrapped = { ...store, ...wrap(store) };
      return {
        create: (...given) => (calls.push('create'), wrapped.create(...given)),
        uploadPart: (...given) => (calls.push('uploadPart'), wrapped.uploadPart(...given)),
        copyPart: (...given) => (calls.push('copyPart'), wrapped.copyPart(...given)),
        complete: (...given) => (calls.push('complete'), wrapped.complete(...given)),
        abort: (...given) => (calls.push('abort'), wrapped.abort(...given)),
      };
    },
  });
  return { h, calls };
}

const large = incompressible(300_000);

test('a file that does not fit in memory is delivered in parts, with both checksums in the manifest', async () => {
  const { h, calls } = setUp();
  await expect(h.handle([h.notify(h.land('large', large))])).resolves.toEqual({ batchItemFailures: [] });
  await expect(h.delivered()).resolves.toEqual([['large', large]]);
  const [key = ''] = h.bundles();
  const { bundle } = h.manifest(key);
  expect(bundle.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(bundle.crc64nvme).toMatch(/^[0-9a-f]{16}$/);
  expect(bundle.size).toBe(h.memory.versions('distribution', key)[0]?.content?.length);
  expect(calls.filter((call) => call === 'uploadPart').length).toBeGreaterThan(5);
  expect(calls.at(-1)).toBe('complete');
  expect(h.memory.uploads()).toEqual([]);
});

test('small files that do not fit together are delivered in parts', async () => {
  const { h, calls } = setUp();
  const files = Array.from({ length: 6 }, (_, n): [string, string] => [`file ${n}`, incompressible(20_000)]);
  await h.handle([h.notify(...files.map(([key, content]) => h.land(key, content)))]);
  await expect(h.delivered()).resolves.toEqual(files);
  expect(h.bundles()).toHaveLength(1);
  expect(calls).toContain('complete');
});

test('a bundle that fits in memory costs no call of an upload, and no record of one', async () => {
  const puts: string[] = [];
  const { h, calls } = setUp(undefined, (table) => ({
    ...table,
    put: (item, condition) => (puts.push(item.id.split('#')[0] ?? ''), table.put(item, condition)),
  }));
  await h.handle([h.notify(h.land('a', 'small'))]);
  expect(calls).toEqual([]);
  expect(puts).toEqual(['claim', 'bundle']);
});

test('the members of a bundle whose parts cannot be stored return at once, and nothing of it stays', async () => {
  let isDown = true;
  const { h } = setUp((store) => ({
    uploadPart: (...given) => (isDown ? Promise.reject(lost) : store.uploadPart(...given)),
  }));
  const message = h.notify(h.land('large', large));
  await expect(h.handle([message])).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: message.messageId }],
  });
  expect(h.memory.uploads()).toEqual([]);
  expect([...h.items.items.keys()].filter((id) => id.startsWith('claim#'))).toEqual([]);
  isDown = false;
  await h.handle([message]);
  await expect(h.delivered()).resolves.toEqual([['large', large]]);
});

test('an upload whose id cannot be recorded is aborted and never completed', async () => {
  const { h, calls } = setUp(undefined, (table) => ({
    ...table,
    put: (item, condition) => ('upload' in item ? Promise.reject(lost) : table.put(item, condition)),
  }));
  await h.handle([h.notify(h.land('large', large))]);
  expect(calls).toEqual(['create', 'abort']);
  expect(h.bundles()).toEqual([]);
});

test('a completion that arrives after a take-over publishes nothing', async () => {
  let late: (() => Promise<void>) | undefined;
  const { h } = setUp((store) => ({
    complete(...given) {
      if (late) return store.complete(...given);
      late = () => store.complete(...given);
      return Promise.reject(lost);
    },
  }));
  const message = h.notify(h.land('large', large));
  await h.handle([message]);
  expect(h.bundles()).toEqual([]);
  // Before the claim has expired, the upload may still be completed.
  h.clock.advance(60_000);
  await h.handle([message]);
  expect(h.memory.uploads()).toHaveLength(1);
  h.clock.advance(60_000);
  await h.handle([message]);
  await expect(late?.()).rejects.toMatchObject({ code: 'NoSuchUpload' });
  await expect(h.delivered()).resolves.toEqual([['large', large]]);
});

test('a completion that was never answered, but took effect, counts as delivered', async () => {
  const { h } = setUp((store) => ({
    async complete(...given) {
      await store.complete(...given);
      throw lost;
    },
  }));
  const message = h.notify(h.land('large', large));
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  await h.handle([message]);
  await expect(h.delivered()).resolves.toEqual([['large', large]]);
});

test('nothing is taken over while the abort of the old upload is not confirmed', async () => {
  let isAbortable = false;
  const { h } = setUp((store) => ({
    complete: () => Promise.reject(lost),
    abort: (...given) => (isAbortable ? store.abort(...given) : Promise.reject(lost)),
  }));
  const message = h.notify(h.land('large', large));
  await h.handle([message]);
  h.clock.advance(120_000);
  const [before] = h.memory.uploads();
  await expect(h.handle([message])).rejects.toThrow('the ledger does not answer');
  expect(h.memory.uploads()).toEqual([before]);
  isAbortable = true;
  await h.handle([message]);
  expect(h.memory.uploads()).not.toContainEqual(before);
});
