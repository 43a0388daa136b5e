import { createHash } from 'node:crypto';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { MemoryStore } from '@data-aggregator/shared-processing/testing';
import type { ArchiveStorageClass, ReplayStore } from '../replay-store.ts';

/** The replay store with buckets in memory. */
export interface MemoryReplays extends ReplayStore {
  /** Moves an object to an archive storage class. */
  archive(bucket: string, key: string, storageClass: ArchiveStorageClass): void;
  /** Completes every requested restore. */
  completeRestores(): void;
  /** The requested restores, in order. */
  restores: { key: string; days: number; tier: string }[];
}

export function memoryReplays(store: MemoryStore): MemoryReplays {
  const archived = new Map<
    string,
    { storageClass: ArchiveStorageClass; state: 'archived' | 'restoring' | 'readable' }
  >();
  const restores: MemoryReplays['restores'] = [];
  const refusal = (what: string, status: number, code: string) =>
    new CallError(what, { outcome: 'refused', status, code });
  const current = (bucket: string, key: string) => store.versions(bucket, key).at(-1);

  return {
    restores,
    archive: (bucket, key, storageClass) =>
      archived.set(`${bucket}/${key}`, { storageClass, state: 'archived' }),
    completeRestores() {
      for (const one of archived.values()) if (one.state === 'restoring') one.state = 'readable';
    },
    async stateOf(bucket, key) {
      const object = current(bucket, key);
      if (!object?.content) return { kind: 'absent' };
      const entry = archived.get(`${bucket}/${key}`);
      if (entry && entry.state !== 'readable') return { kind: entry.state, storageClass: entry.storageClass };
      return {
        kind: 'readable',
        size: object.content.length,
        etag: object.etag,
        sha256: sha256(object.content),
        crc64nvme: await checksumOf('crc64nvme', object.content),
      };
    },
    async restore(bucket, key, wanted) {
      const entry = archived.get(`${bucket}/${key}`);
      if (!entry) throw refusal(`RESTORE ${key}`, 403, 'InvalidObjectState');
      entry.state = 'restoring';
      restores.push({ key, ...wanted });
    },
    async copy({ from, to }) {
      const object = current(from.bucket, from.key);
      if (!object?.content) throw refusal(`COPY ${from.key}`, 404, 'NoSuchKey');
      if (object.etag !== from.etag || current(to.bucket, to.key)?.content) {
        throw refusal(`COPY ${from.key}`, 412, 'PreconditionFailed');
      }
      store.upload(to.bucket, to.key, object.content);
      return sha256(object.content);
    },
  };
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
