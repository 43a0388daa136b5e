import type { ObjectVersion } from '../s3-event/types.ts';
import { type Clock, withRetries } from '../calls/index.ts';
import { bundleId, claimId, objectIdOf, packIds } from './ids.ts';
import type { BundleLookup } from './publications.ts';
import type { Item, LedgerTable } from './table.ts';

/**
 * The life of a claim, as another invocation sees it:
 *
 *     claimed                 deadline          until
 *        │  builder at work      │    grace       │
 *        ├───────────────────────┼────────────────┼──────────────────────▶ time
 *        │ published?  no: someone is at work     │ published?  no, and never will be:
 *        │             yes: look at the members   │             its builder is dead, take over
 *
 * The builder is killed at its deadline; what it sent before may land within the grace; so from `until` on,
 * "not published" is final. It holds only of an answer to a question that was asked after `until`.
 */
export interface Claim {
  bundle: string;
  /** ms since the epoch. */
  until: number;
  /** Seconds since the epoch, for DynamoDB to remove it. */
  expires: number;
}

export type ClaimOutcome =
  | { kind: 'claimed' }
  | { kind: 'delivered'; bundle: string }
  | { kind: 'busy'; bundle: string; until: number }
  /** Its claim may stand or not: the object must not be bundled now. */
  | { kind: 'unknown'; cause: unknown };

export interface LedgerDependencies {
  table: LedgerTable;
  lookup: BundleLookup;
  clock: Clock;
  random: () => number;
}

/** Contenders that may win over us before we give up on an object for now. */
const MAX_ROUNDS = 5;

/**
 * Claims an object version for a bundle. Design: put if absent; who finds another claim asks S3 what became of that
 * bundle, and takes over only where it is published without the object, or can never be published any more.
 */
export async function claimObject(
  object: ObjectVersion,
  claim: Claim,
  dependencies: LedgerDependencies,
): Promise<ClaimOutcome> {
  const { table, clock, lookup } = dependencies;
  const objectId = objectIdOf(object);
  const item: Item = { id: claimId(objectId), ...claim };
  try {
    let write = await withRetries(() => table.put(item, { kind: 'absent' }), dependencies);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (write.kind === 'written') return { kind: 'claimed' };
      const other = write.existing;
      if (other === undefined) {
        write = await withRetries(() => table.put(item, { kind: 'absent' }), dependencies);
        continue;
      }
      const bundle = String(other['bundle']);
      const until = Number(other['until']);
      // Ours already: the answer to an earlier attempt was lost.
      if (bundle === claim.bundle) return { kind: 'claimed' };
      // Read the clock before S3 is asked: only an answer from after `until` is final.
      const lapsed = clock.now() >= until;
      const members = await lookup.membersOf(bundle, lapsed);
      if (members?.has(objectId)) return { kind: 'delivered', bundle };
      if (!members && !lapsed) return { kind: 'busy', bundle, until };
      write = await withRetries(
        () => table.put(item, { kind: 'equals', attributes: { bundle, until } }),
        dependencies,
      );
    }
    return {
      kind: 'unknown',
      cause: new Error(`${item.id} changed hands ${MAX_ROUNDS} times while it was claimed`),
    };
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
}

/**
 * Gives up a claim, so that a later delivery need not wait for it to lapse. Only for a bundle whose publishing was
 * never tried. Does nothing where the claim is another's.
 *
 * @throws CallError; nothing depends on the release
 */
export async function releaseObject(
  object: ObjectVersion,
  bundle: string,
  dependencies: LedgerDependencies,
): Promise<void> {
  const id = claimId(objectIdOf(object));
  await withRetries(
    () => dependencies.table.delete(id, { kind: 'equals', attributes: { bundle } }),
    dependencies,
  );
}

/**
 * Notes that a bundle is published and what is in it, so that the common question costs one read. Losing the note
 * costs a HEAD and a GET of the manifest later.
 *
 * @param expires seconds since the epoch
 * @throws CallError; nothing depends on the note
 */
export async function recordBundleMembers(
  bundle: string,
  members: readonly ObjectVersion[],
  expires: number,
  dependencies: LedgerDependencies,
): Promise<void> {
  const item: Item = { id: bundleId(bundle), members: packIds(members.map(objectIdOf)), expires };
  await withRetries(() => dependencies.table.put(item), dependencies);
}
