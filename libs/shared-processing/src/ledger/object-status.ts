import { isSystemError } from '../errors/index.ts';
import { mapConcurrently, withRetries } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { isReleased, type LedgerDependencies } from './claims.ts';
import { claimId, objectIdOf } from './ids.ts';
import { createBundleLookup, type Publications } from './publications.ts';
import { quarantineMarkOf } from './quarantine-marks.ts';

/** The status of an object version, according to the ledger and S3. */
export type ObjectStatus =
  | { kind: 'delivered'; bundle: string }
  /** A claim has not expired, so its builder may still work on it. */
  | { kind: 'busy'; bundle: string; until: number }
  | { kind: 'quarantined'; reason: string; since: number }
  /** Neither bundled nor claimed nor quarantined. */
  | { kind: 'nowhere' }
  /** Its bundle could not be looked up, so nothing may be concluded. */
  | { kind: 'unknown'; bundle: string; cause: unknown };

export interface ObjectStatusDependencies extends Omit<LedgerDependencies, 'lookup'> {
  publications: Publications;
  /** Maximum number of concurrent reads. */
  maxConcurrentReads: number;
}

interface Claimed {
  index: number;
  bundle: string;
  until: number;
}

/**
 * Finds the status of object versions, without changing anything. A claim names a bundle; if that bundle is published, its
 * members decide. The claims of one bundle are resolved together, so only the members of as many bundles as are looked up
 * concurrently are in memory.
 *
 * @returns a status for each object, in the same order
 * @throws CallError if the table cannot be reached, or permission is missing
 */
export async function objectStatuses(
  objects: readonly ObjectVersion[],
  dependencies: ObjectStatusDependencies,
): Promise<ObjectStatus[]> {
  const { table, maxConcurrentReads } = dependencies;
  const answers = new Array<ObjectStatus>(objects.length);
  const claims = await mapConcurrently(objects, maxConcurrentReads, (object) =>
    withRetries(() => table.get(claimId(objectIdOf(object))), dependencies),
  );
  const byBundle = new Map<string, Claimed[]>();
  const unbundled: number[] = [];
  for (const [index, claim] of claims.entries()) {
    if (!claim || isReleased(claim)) {
      unbundled.push(index);
      continue;
    }
    const bundle = String(claim['bundle']);
    const group = byBundle.get(bundle) ?? [];
    byBundle.set(bundle, group);
    group.push({ index, bundle, until: Number(claim['until']) });
  }

  await mapConcurrently([...byBundle.values()], maxConcurrentReads, async (group) => {
    const lookup = createBundleLookup({ ...dependencies, uploads: undefined });
    for (const claimed of group) {
      const id = objectIdOf(objects[claimed.index] as ObjectVersion);
      const answer = await whereClaimed(id, claimed, lookup, dependencies);
      if (answer) answers[claimed.index] = answer;
      else unbundled.push(claimed.index);
    }
  });

  await mapConcurrently(unbundled, maxConcurrentReads, async (index) => {
    const mark = await quarantineMarkOf(objects[index] as ObjectVersion, dependencies);
    answers[index] = mark ? { kind: 'quarantined', ...mark } : { kind: 'nowhere' };
  });
  return answers;
}

/** The status according to a claim's bundle; undefined if the bundle is published without the object, or never will be. */
async function whereClaimed(
  objectId: string,
  { bundle, until }: Claimed,
  lookup: ReturnType<typeof createBundleLookup>,
  { clock }: ObjectStatusDependencies,
): Promise<ObjectStatus | undefined> {
  // Read the clock before S3 is asked: only an answer from after `until` is final.
  const expired = clock.now() >= until;
  try {
    const members = await lookup.membersOf(bundle, expired);
    if (members?.has(objectId)) return { kind: 'delivered', bundle };
    return members || expired ? undefined : { kind: 'busy', bundle, until };
  } catch (cause) {
    if (isSystemError(cause)) throw cause;
    return { kind: 'unknown', bundle, cause };
  }
}

/** The ledger is trusted for this much less than the retention of claims, because clocks and lifetimes are not exact. */
const HORIZON_MARGIN_MS = 24 * 3_600_000;

/** The landing time after which the ledger knows every delivery; ms since the epoch. */
export function ledgerHorizon(now: number, claimRetentionMs: number): number {
  return now - claimRetentionMs + HORIZON_MARGIN_MS;
}
