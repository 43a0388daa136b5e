import { createHash } from 'node:crypto';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import { type LedgerTable, markQuarantined } from '@data-aggregator/shared-processing/ledger';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { Case } from './case.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface DropDependencies extends RetryRules {
  store: Pick<ObjectStore, 'put'>;
  table: LedgerTable;
  remove: DeadLetters['remove'];
  archive: string;
  claimRetentionMs: number;
}

/** Where it is kept that a case was dropped, in the archive bucket. */
export function droppedKey({ id }: Case, now: number): string {
  const [day = '', time = ''] = new Date(now).toISOString().split('T');
  return `dropped/${day}/${time.slice(0, 8).replaceAll(':', '')}Z-${id}.json`;
}

/**
 * Drops a case for good: keeps what was dropped and why, marks its objects so that they are not taken for lost, and
 * removes its letters.
 *
 * @returns the key of what is kept, and how many letters could not be removed
 * @throws CallError; then the letters are still there
 */
export async function drop(
  one: Case,
  note: string,
  dependencies: DropDependencies,
): Promise<{ key: string; lettersLeft: number }> {
  const { clock, store, archive, claimRetentionMs, remove } = dependencies;
  const key = droppedKey(one, clock.now());
  const object = kept(one, note, archive, key, clock.now());
  await withRetries(() => store.put(object), dependencies);
  const expires = Math.ceil((clock.now() + claimRetentionMs) / 1000);
  for (const landed of one.objects) await markQuarantined(landed, 'dropped', expires, dependencies);
  const left = await remove(one.letters);
  return { key, lettersLeft: left.length };
}

function kept(one: Case, note: string, bucket: string, key: string, now: number): StoredObject {
  const { reason, detail, letters } = one;
  const document = {
    note,
    droppedAt: new Date(now).toISOString(),
    reason,
    detail,
    letters: letters.map(({ id, sentAt, attributes, body }) => ({
      id,
      sentAt: new Date(sentAt).toISOString(),
      attributes,
      body,
    })),
  };
  const body = Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
  return {
    bucket,
    key,
    size: body.length,
    open: () => body,
    contentType: 'application/json',
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}
