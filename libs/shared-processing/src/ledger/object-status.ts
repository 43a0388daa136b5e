import { isSystemError } from '../errors/index.ts';
import { mapConcurrently, withRetries } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import type { LedgerDependencies } from './claims.ts';
import { claimId, objectIdOf } from './ids.ts';
import { createBundleLookup, type Publications } from './publications.ts';
import { quarantineMarkOf } from './quarantine-marks.ts';

/** Where an object version is, as far as the ledger and S3 know. */
export type ObjectStatus =
  | { kind: 'delivered'; bundle: string }
  /** A claim that has not expired says that its builder is at work. */
  | { kind: 'busy'; bundle: string; until: number }
  | { kind: 'quarantined'; reason: string; since: number }
  /** In no bundle, worked on by nobody, and not put aside. */
  | { kind: 'nowhere' }
  /** What became of its bundle could not be found out: nothing may be concluded. */
  | { kind: 'unknown'; bundle: string; cause: unknown };

export interface ObjectStatusDependencies extends Omit<LedgerDependencies, 'lookup'> {
  publications: Publications;
  /** Questions on their way at once. */
  maxConcurrentReads: number;
}

interface Claimed {
  index: number;
  bundle: string;
  until: number;
}

/**
 * Finds out where object versions are, without changing anything. The claim leads to a bundle, and membership in that
 * bundle, where it is published, decides. Members of one bundle are asked for together, and forgotten after, so that
 * memory is bounded by the bundles that are looked at at once.
 *
 * @returns an answer for each object, in their order
 * @throws CallError where the table does not answer, or what is asked is not permitted
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
    // Without a bundle it is a released item that only counts failures.
    if (claim?.['bundle'] === undefined) {
      unbundled.push(index);
      continue;
    }
    const bundle = String(claim['bundle']);
    const group = byBundle.get(bundle) ?? [];
    byBundle.set(bundle, group);
    group.push({ index, bundle, until: Number(claim['until']) });
  }

  await mapConcurrently([...byBundle.values()], maxConcurrentReads, async (group) => {
    const lookup = createBundleLookup(dependencies);
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

/** What a claim's bundle tells of an object; undefined where it is published without it, or never will be. */
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
