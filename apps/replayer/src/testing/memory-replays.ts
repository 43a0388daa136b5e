import { createHash } from 'node:crypto';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { MemoryStore } from '@data-aggregator/shared-processing/testing';
import type { FrozenClass, ReplayStore } from '../replay-store.ts';

/** The replay store over buckets in memory. */
export interface MemoryReplays extends ReplayStore {
  /** Moves an object to a class in which it cannot be read. */
  freeze(bucket: string, key: string, storageClass: FrozenClass): void;
  /** Lets Glacier be done with every restore that was asked for. */
  thaw(): void;
  /** Restores that were asked for, in their order. */
  restores: { key: string; days: number; tier: string }[];
}

export function memoryReplays(store: MemoryStore): MemoryReplays {
  const frozen = new Map<string, { storageClass: FrozenClass; state: 'frozen' | 'restoring' | 'readable' }>();
  const restores: MemoryReplays['restores'] = [];
  const refusal = (what: string, status: number, code: string) =>
    new CallError(what, { outcome: 'refused', status, code });
  const current = (bucket: string, key: string) => store.versions(bucket, key).at(-1);

  return {
    restores,
    freeze: (bucket, key, storageClass) => frozen.set(`${bucket}/${key}`, { storageClass, state: 'frozen' }),
    thaw() {
      for (const one of frozen.values()) if (one.state === 'restoring') one.state = 'readable';
    },
    async stateOf(bucket, key) {
      const object = current(bucket, key);
      if (!object?.content) return { kind: 'absent' };
      const ice = frozen.get(`${bucket}/${key}`);
      if (ice && ice.state !== 'readable') return { kind: ice.state, storageClass: ice.storageClass };
      return {
        kind: 'readable',
        size: object.content.length,
        etag: object.etag,
        sha256: sha256(object.content),
      };
    },
    async restore(bucket, key, wanted) {
      const ice = frozen.get(`${bucket}/${key}`);
      if (!ice) throw refusal(`RESTORE ${key}`, 403, 'InvalidObjectState');
      ice.state = 'restoring';
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
