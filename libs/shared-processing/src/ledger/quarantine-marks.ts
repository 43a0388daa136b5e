import { withRetries } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import type { LedgerDependencies } from './claims.ts';
import { objectIdOf, quarantineId } from './ids.ts';

type Dependencies = Pick<LedgerDependencies, 'table' | 'clock' | 'random'>;

/** What the ledger says of an object version whose notification is among the dead letters. */
export interface QuarantineMark {
  /** The dead letter's own word for it. */
  reason: string;
  /** ms since the epoch. */
  since: number;
}

/**
 * Marks an object version as quarantined, so that who looks for lost files (and cannot look into a dead-letter queue)
 * does not requeue it. Claims know nothing of the mark: a dead letter that is sent back is delivered as if it
 * had never been one. Put it after the dead letter was taken: a mark without a letter would hide a file.
 *
 * @param expires seconds since the epoch; not before the version itself is gone from its bucket
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

/** The mark of an object version, where it has one whose time is not over. @throws CallError */
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
 * Takes a mark away, for an object version whose dead letter is sent back: should that message be lost, the version
 * is to be found again.
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
