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

/** The archive key of the record of a dropped case. */
export function droppedKey({ id }: Case, now: number): string {
  const [day = '', time = ''] = new Date(now).toISOString().split('T');
  return `dropped/${day}/${time.slice(0, 8).replaceAll(':', '')}Z-${id}.json`;
}

/**
 * Drops a case permanently: stores its dead letters with the note, marks its objects so that they do not count as lost, and
 * removes the dead letters.
 *
 * @returns the key of the stored record, and the number of dead letters that could not be removed
 * @throws CallError; the dead letters are then still in the queue
 */
export async function drop(
  one: Case,
  note: string,
  dependencies: DropDependencies,
): Promise<{ key: string; lettersLeft: number }> {
  const { clock, store, archive, claimRetentionMs, remove } = dependencies;
  const key = droppedKey(one, clock.now());
  const object = recordOf(one, note, archive, key, clock.now());
  await withRetries(() => store.put(object), dependencies);
  const expires = Math.ceil((clock.now() + claimRetentionMs) / 1000);
  for (const landed of one.objects) await markQuarantined(landed, 'dropped', expires, dependencies);
  const left = await remove(one.letters);
  return { key, lettersLeft: left.length };
}

function recordOf(one: Case, note: string, bucket: string, key: string, now: number): StoredObject {
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
