import { CallError } from '@data-aggregator/shared-processing/errors';
import type { Archive, Distribution } from '../aws/buckets.ts';
import type { TestBundle } from './bundles.ts';

/** A call, as passed to the hook: `get`, `remove`, `list`, `manifest`, `putReceipt`, `receipt`. */
export type Hook = (call: { name: string; key: string }, when: 'before' | 'after') => void;

/** A body arrives in pieces of about this size. */
const PIECE_BYTES = 300_000;

/** Both buckets in memory. A throwing hook fails the call before or after its effect. */
export function memoryBuckets(hook: Hook = () => undefined) {
  const bundles = new Map<string, Buffer>();
  const manifests = new Map<string, string>();
  const receipts = new Map<string, string>();
  const calls: string[] = [];

  async function performed<T>(name: string, key: string, effect: () => T): Promise<T> {
    calls.push(name);
    hook({ name, key }, 'before');
    const result = effect();
    hook({ name, key }, 'after');
    return result;
  }

  const distribution: Distribution = {
    list: (after) =>
      performed('list', '', () => {
        const keys = [...bundles.keys()].filter((key) => key > (after ?? '')).sort();
        const page = keys.slice(0, 1000);
        const objects = page.map((key) => ({ key, size: bundles.get(key)?.length ?? 0, lastModified: 0 }));
        return { objects, next: keys.length > page.length ? page.at(-1) : undefined };
      }),
    get: (key, { from, to, ifMatch }) =>
      performed('get', key, () => {
        const bytes = bundles.get(key);
        if (!bytes) throw new CallError('GET', { outcome: 'refused', code: 'NoSuchKey', status: 404 });
        const etag = String(bytes.length);
        if (ifMatch !== undefined && ifMatch !== etag) {
          throw new CallError('GET', { outcome: 'refused', code: 'PreconditionFailed', status: 412 });
        }
        const body = (async function* () {
          for (let at = from; at < Math.min(to + 1, bytes.length); at += PIECE_BYTES)
            yield bytes.subarray(at, Math.min(to + 1, at + PIECE_BYTES));
        })();
        return { etag, versionId: 'v1', size: bytes.length, body };
      }),
    remove: (key) => performed('remove', key, () => void bundles.delete(key)),
  };
  const archive: Archive = {
    manifest: (key) => performed('manifest', key, () => manifests.get(key)),
    receipt: (key) => performed('receipt', key, () => receipts.get(key)),
    putReceipt: (key, text) =>
      performed('putReceipt', key, () => {
        if (receipts.has(key)) return 'exists';
        receipts.set(key, text);
        return 'stored';
      }),
  };
  return {
    ...{ distribution, archive, bundles, manifests, receipts, calls },
    publish({ key, body, manifest }: TestBundle) {
      manifests.set(key, manifest);
      bundles.set(key, body);
    },
  };
}
