import { randomBytes } from 'node:crypto';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { MultipartStore, ObjectStore } from '@data-aggregator/shared-processing/s3';
import { claimId, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { harness } from './testing/harness.ts';

/* Bundles that S3 copies: no invocation could stream their one member in time. */

const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
const refused = (code: string, status: number) =>
  new CallError('a call', { outcome: 'refused', code, status });
const COPY_ABOVE_BYTES = 300_000;
/** Of an invocation: the time to build, and from then on the time to publish, in ms. */
const [BUILD_MS, REST_MS] = [42_000, 9_000];
const content = randomBytes(250_000).toString('hex');

/** A store that says, like S3, which CRC-64/NVME it has of the object `large`, and counts the bytes that are read. */
function storing(crc64nvme: string, read: { bytes: number }) {
  return (store: ObjectStore): ObjectStore => ({
    ...store,
    async get(request) {
      const received = await store.get(request);
      async function* counted() {
        for await (const chunk of received.body) {
          for (let at = 0; at < chunk.length; at += 1_000) {
            const piece = chunk.subarray(at, at + 1_000);
            read.bytes += piece.length;
            yield piece;
          }
        }
      }
      return {
        ...received,
        ...(request.key === 'large' && { checksum: { algorithm: 'crc64nvme' as const, hex: crc64nvme } }),
        body: Object.assign(counted(), { destroy: () => undefined }),
      };
    },
  });
}

async function setUp(
  options: {
    multipart?: (store: MultipartStore) => Partial<MultipartStore>;
    crc64nvme?: string;
    landingIsVersioned?: boolean;
  } = {},
) {
  const { multipart = () => ({}), landingIsVersioned = true } = options;
  const { crc64nvme = await checksumOf('crc64nvme', Buffer.from(content)) } = options;
  const read = { bytes: 0 };
  const h = harness({
    copyAboveBytes: COPY_ABOVE_BYTES,
    landingIsVersioned,
    store: storing(crc64nvme, read),
    multipart: (store) => ({ ...store, ...multipart(store) }),
  });
  const record = h.land('large', content);
  return { h, record, message: h.notify(record), read, crc64nvme };
}

test('a large object is delivered as an uncompressed tar whose bytes stay in S3', async () => {
  const contentTypes: string[] = [];
  const { h, message, read, crc64nvme } = await setUp({
    multipart: (store) => ({
      create: (object, signal) => (contentTypes.push(object.contentType), store.create(object, signal)),
    }),
  });
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  await expect(h.delivered()).resolves.toEqual([['large', content]]);
  const [key = ''] = h.bundles();
  expect(key).toMatch(/\.tar$/);
  expect(contentTypes).toEqual(['application/x-tar']);
  expect(read.bytes).toBeLessThan(20_000);
  const { bundle, members } = h.manifest(key);
  const stored = h.memory.versions('distribution', key)[0]?.content ?? Buffer.alloc(0);
  expect(bundle).toMatchObject({
    format: 'tar',
    size: stored.length,
    crc64nvme: await checksumOf('crc64nvme', stored),
  });
  expect(bundle.sha256).toBeUndefined();
  expect(members).toMatchObject([{ size: content.length, crc64nvme, verifiedBy: 'crc64nvme' }]);
  expect(members[0]?.sha256).toBeUndefined();
  expect(h.memory.uploads()).toEqual([]);
});

test('a smaller object is streamed', async () => {
  const { h } = await setUp();
  await h.handle([h.notify(h.land('medium', content.slice(0, COPY_ABOVE_BYTES)))]);
  expect(h.bundles()).toEqual([expect.stringMatching(/\.tar\.gz$/)]);
});

test('an object is not delivered if the copies do not have the checksum that S3 stores of it', async () => {
  const { h, message } = await setUp({ crc64nvme: '0123456789abcdef' });
  for (let receive = 1; receive <= 2; receive++) {
    await expect(h.handle([message])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
  }
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'corrupted' } }]);
  expect(h.bundles()).toEqual([]);
  expect(h.memory.uploads()).toEqual([]);
});

test('a part that is throttled or lost is copied again', async () => {
  let copies = 0;
  const { h, message } = await setUp({
    multipart: (store) => ({
      async copyPart(...given) {
        if (++copies % 3 !== 0) throw lost;
        return store.copyPart(...given);
      },
    }),
  });
  await h.handle([message]);
  await expect(h.delivered()).resolves.toEqual([['large', content]]);
  expect(copies).toBeGreaterThan(20);
});

test.each([
  ['superseded', refused('PreconditionFailed', 412)],
  ['archived', refused('InvalidObjectState', 403)],
  ['gone', refused('NoSuchVersion', 404)],
])('an object that is %s while it is copied is refused for that reason', async (reason, error) => {
  const { h, message } = await setUp({ multipart: () => ({ copyPart: () => Promise.reject(error) }) });
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.deadLetters).toMatchObject([{ attributes: { reason } }]);
  expect(h.memory.uploads()).toEqual([]);
});

test('the notified version is copied, although a later one exists', async () => {
  const { h, message } = await setUp();
  h.land('large', content.toUpperCase());
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  await expect(h.delivered()).resolves.toEqual([['large', content]]);
});

test('an object that is overwritten while it is copied is refused as superseded where versions are not kept', async () => {
  let copies = 0;
  const { h, record } = await setUp({
    landingIsVersioned: false,
    multipart: (store) => ({
      copyPart(...given) {
        if (++copies === 3) h.land('large', content.toUpperCase());
        return store.copyPart(...given);
      },
    }),
  });
  const { versionId: _, ...object } = record.s3.object;
  const message = h.notify({ ...record, s3: { ...record.s3, object } });
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'superseded' } }]);
});

test('the other copies end as soon as one is refused', async () => {
  let copies = 0;
  const ended: number[] = [];
  const { h, message } = await setUp({
    multipart: () => ({
      async copyPart(_upload, number, _from, signal) {
        if (++copies === 3) throw refused('NoSuchVersion', 404);
        if (!signal?.aborted) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        ended.push(number);
        throw lost;
      },
    }),
  });
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'gone' } }]);
  expect(ended).toHaveLength(copies - 1);
});

test('an aborted upload is not the object’s fault', async () => {
  const { h, message } = await setUp({
    multipart: () => ({ copyPart: () => Promise.reject(refused('NoSuchUpload', 404)) }),
  });
  await expect(h.handle([message])).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: message.messageId }],
  });
  expect(h.deadLetters).toEqual([]);
});

test('a missing permission stops the invocation', async () => {
  const { h, message } = await setUp({
    multipart: () => ({ copyPart: () => Promise.reject(refused('AccessDenied', 403)) }),
  });
  await expect(h.handle([message])).rejects.toThrow('bundles cannot be uploaded');
});

test('an object whose stream was too slow is copied at the next attempt', async () => {
  let reads = 0;
  const h = harness({
    store: (store) => ({
      ...store,
      async get(request) {
        const received = await store.get(request);
        // The stream takes all the time to build, and writing the manifest the rest.
        if (request.key === 'large' && ++reads === 1) h.clock.advance(BUILD_MS);
        return received;
      },
      async put(object) {
        if (reads === 1) h.clock.advance(REST_MS);
        await store.put(object);
      },
    }),
  });
  const message = h.notify(h.land('large', content));
  const returned = { batchItemFailures: [{ itemIdentifier: message.messageId }] };
  await expect(h.handle([message])).resolves.toEqual(returned);
  expect([...h.items.items.values()]).toMatchObject([{ failures: 1, lastFailure: 'too-slow' }]);
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.bundles()).toEqual([expect.stringMatching(/\.tar$/)]);
  await expect(h.delivered()).resolves.toEqual([['large', content]]);
});

test('an object whose builder died is copied at the next attempt', async () => {
  const h = harness();
  const message = h.notify(h.land('large', content));
  const [record] = (JSON.parse(message.body) as { Records: { s3: { object: { versionId: string } } }[] })
    .Records;
  const version = { kind: 'id' as const, versionId: record?.s3.object.versionId ?? '' };
  const id = claimId(objectIdOf({ bucket: 'landing', key: 'large', version }));
  h.items.items.set(id, { id, bundle: 'bundles/dead', until: h.clock.now() - 1, expires: 0 });
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  expect(h.bundles()).toEqual([expect.stringMatching(/\.tar$/)]);
});

test.each([
  [19_999, 'streamed after all', /\.tar\.gz$/],
  [20_000, 'copied', /\.tar$/],
])('an object of %i bytes, although announced as larger, is %s', async (bytes, _how, key) => {
  const { h } = await setUp();
  const record = h.land('shrunk', content.slice(0, bytes));
  record.s3.object.size = 400_000;
  await h.handle([h.notify(record)]);
  await expect(h.delivered()).resolves.toEqual([['shrunk', content.slice(0, bytes)]]);
  expect(h.bundles()).toEqual([expect.stringMatching(key)]);
});
