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
  } = {},
) {
  const { multipart = () => ({}), crc64nvme = await checksumOf('crc64nvme', Buffer.from(content)) } = options;
  const read = { bytes: 0 };
  const h = harness({
    copyAboveBytes: COPY_ABOVE_BYTES,
    store: storing(crc64nvme, read),
    multipart: (store) => ({ ...store, ...multipart(store) }),
  });
  const message = h.notify(h.land('large', content));
  return { h, message, read, crc64nvme };
}

test('a large object is delivered as an uncompressed tar whose bytes stay in S3', async () => {
  const { h, message, read, crc64nvme } = await setUp();
  await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  await expect(h.delivered()).resolves.toEqual([['large', content]]);
  const [key = ''] = h.bundles();
  expect(key).toMatch(/\.tar$/);
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
        // The first invocation ends before it could publish.
        if (request.key === 'large' && ++reads === 1) h.clock.advance(55_000);
        return received;
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

test('an object that is smaller than announced is streamed after all', async () => {
  const { h } = await setUp();
  const record = h.land('shrunk', 'small');
  record.s3.object.size = 400_000;
  await h.handle([h.notify(record)]);
  await expect(h.delivered()).resolves.toEqual([['shrunk', 'small']]);
});
