import { withRetries } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import type { LedgerDependencies } from './claims.ts';
import { objectIdOf, quarantineId } from './ids.ts';

type Dependencies = Pick<LedgerDependencies, 'table' | 'clock' | 'random'>;

/** The ledger's mark on an object version whose notification is in the dead-letter queue. */
export interface QuarantineMark {
  /** The reason in the dead letter. */
  reason: string;
  /** ms since the epoch. */
  since: number;
}

/**
 * Marks an object version as quarantined, so that the reconciler, which cannot search a dead-letter queue, does not requeue
 * it. Claims ignore the mark, so a redriven dead letter is delivered normally. Put the mark only after SQS has accepted
 * the dead letter: a mark without a dead letter would hide a file.
 *
 * @param expires seconds since the epoch; not before the version is removed from its bucket
 * @throws CallError; losing the mark costs one more dead letter
 */
export async function markQuarantined(
  object: ObjectVersion,
  reason: string,
  expires: number,
  dependencies: Dependencies,
): Promise<void> {
  const { table, clock } = dependencies;
  const item = { id: quarantineId(objectIdOf(object)), reason, since: clock.now(), expires };
  await withRetries(() => table.put(item), dependencies);
}

/** The mark of an object version, if it has one that has not expired. @throws CallError */
export async function quarantineMarkOf(
  object: ObjectVersion,
  dependencies: Dependencies,
): Promise<QuarantineMark | undefined> {
  const { table, clock } = dependencies;
  const item = await withRetries(() => table.get(quarantineId(objectIdOf(object))), dependencies);
  // DynamoDB removes expired items days late.
  if (!item || item.expires * 1000 <= clock.now()) return undefined;
  return { reason: String(item['reason']), since: Number(item['since']) };
}

/**
 * Removes the mark of an object version whose dead letter is redriven, so that the reconciler finds the version if that
 * message is lost.
 *
 * @throws CallError
 */
export async function unmarkQuarantined(object: ObjectVersion, dependencies: Dependencies): Promise<void> {
  const { table } = dependencies;
  const mark = await quarantineMarkOf(object, dependencies);
  if (!mark) return;
  const id = quarantineId(objectIdOf(object));
  await withRetries(() => table.delete(id, { kind: 'equals', attributes: { ...mark } }), dependencies);
}
