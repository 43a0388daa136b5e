import { CallError } from '@data-aggregator/shared-processing/errors';
import {
  createRandom,
  memoryListing,
  memoryStore,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import { createHash } from 'node:crypto';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import { BUCKETS } from '../settings.ts';
import { Services, type StoredPart } from './services.ts';
import { Layout } from './state.ts';

const SEQUENCES = 200;
const CALLS = 25;
const BUCKET = BUCKETS.distribution;

/** The same calls to a small world's services and to those in memory that all other specs use. */
function both() {
  const layout = new Layout(48);
  const store = memoryStore(() => 0);
  const table = memoryTable();
  const services = new Services(layout, memoryListing(store));
  const state = layout.emptyState();
  const uploads = new Map<string, string>();
  return { services, state, store, table, uploads };
}

/** What a call does, in a form in which both can be compared. */
async function told(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return error.code;
  }
}

describe('the services of a small world', () => {
  it('respond like the services in memory', async () => {
    for (let seed = 1; seed <= SEQUENCES; seed++) {
      const random = createRandom(seed);
      const { services, state, store, table, uploads } = both();
      const apply = (operation: Parameters<Services['apply']>[0]) => services.apply(operation, state);
      for (let call = 0; call < CALLS; call++) {
        const key = random.pick(['k', 'l']);
        const text = random.pick(['one', 'two']);
        const bytes = Buffer.from(text);
        const content = services.contents.idOf(bytes);
        const condition = random.pick([
          { kind: 'absent' } as const,
          { kind: 'equals', attributes: { bundle: text } } as const,
          undefined,
        ]);
        const [uploadId, memoryId] = random.pick([...uploads, ['none', 'none'] as const]);
        const upload = { bucket: BUCKET, key, uploadId: memoryId };
        const crc64nvme = await checksumOf('crc64nvme', bytes);
        const etag = createHash('md5').update(bytes).digest('hex');
        const part: StoredPart = { number: 1, etag, size: bytes.length, crc64nvme, content };
        const parts = [{ number: 1, etag, size: bytes.length, crc64nvme }];
        switch (random.below(9)) {
          case 0: {
            const onlyIfAbsent = random.chance(0.7);
            const sha256 = createHash('sha256').update(bytes).digest('hex');
            const object = {
              bucket: BUCKET,
              key,
              size: bytes.length,
              sha256,
              open: () => bytes,
              contentType: '',
            };
            const reply = apply({ kind: 'PUT', bucket: BUCKET, key, content, onlyIfAbsent });
            expect(await told(store.put({ ...object, onlyIfAbsent }))).toBe(codeOf(reply));
            break;
          }
          case 1:
            expect(await store.head(BUCKET, key)).toMatchObject({
              kind: apply({ kind: 'HEAD', bucket: BUCKET, key }).kind,
            });
            break;
          case 2:
            services.addVersion(BUCKET, key, 0, state);
            store.addDeleteMarker(BUCKET, key);
            break;
          case 3: {
            const reply = apply({ kind: 'PutItem', item: { id: key, bundle: text }, condition });
            const result = await table.put({ id: key, bundle: text, expires: 0 }, condition);
            expect(result.kind).toBe(reply.kind === 'refused' ? 'refused' : 'written');
            if (result.kind === 'refused' && reply.kind === 'refused')
              expect(result.existing?.['bundle']).toBe(reply.existing?.['bundle']);
            break;
          }
          case 4: {
            const own = { kind: 'equals', attributes: { bundle: text } } as const;
            const reply = apply({ kind: 'DeleteItem', id: key, condition: own });
            const result = await table.delete(key, own);
            expect(result.kind).toBe(reply.kind === 'refused' ? 'refused' : 'written');
            break;
          }
          case 5: {
            const reply = apply({ kind: 'CREATE UPLOAD', key });
            if (reply.kind !== 'upload') throw new Error('no upload was created');
            uploads.set(
              reply.uploadId,
              await store.multipart.create({ bucket: BUCKET, key, contentType: '' }),
            );
            break;
          }
          case 6:
            if (!uploadId.endsWith(` ${key}`)) break;
            expect(await told(store.multipart.uploadPart(upload, { number: 1, bytes, crc64nvme }))).toEqual(
              codeOf(apply({ kind: 'PUT PART', key, uploadId, part })) ?? parts[0],
            );
            break;
          case 7: {
            if (!uploadId.endsWith(` ${key}`)) break;
            const whole = joinCrc64(parts);
            const reply = apply({ kind: 'COMPLETE', key, uploadId, parts, ...whole });
            expect(await told(store.multipart.complete(upload, parts, whole))).toBe(codeOf(reply));
            break;
          }
          case 8:
            if (!uploadId.endsWith(` ${key}`)) break;
            apply({ kind: 'ABORT', key, uploadId });
            await store.multipart.abort(upload);
            break;
        }
      }
      for (const key of ['k', 'l']) {
        const versions = services.versionsOf(BUCKET, key, state);
        const texts = versions.map((id) => (id === 0 ? undefined : String(services.contents.get(id).bytes)));
        expect(texts).toEqual(store.versions(BUCKET, key).map(({ content }) => content && String(content)));
        expect(services.itemOf(key, state)?.['bundle']).toBe(table.items.get(key)?.['bundle']);
      }
    }
  }, 60_000);
});

function codeOf(reply: ReturnType<Services['apply']>): string | undefined {
  return reply.kind === 'error' ? reply.code : undefined;
}
