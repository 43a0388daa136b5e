import { BUNDLE_PREFIX } from '../bundle-key/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { type Clock, withRetries } from '../retry/index.ts';
import { bundleId, claimId, objectIdOf, packIds } from './ids.ts';
import type { BundleLookup } from './publications.ts';
import type { Condition, Item, LedgerTable } from './table.ts';

/**
 * The life of a claim, as seen by another invocation:
 *
 *     claimed                 deadline          until
 *        │  builder working      │    grace       │
 *        ├───────────────────────┼────────────────┼──────────────────────▶ time
 *        │ published?  no: in progress            │ published?  no, and never will be:
 *        │             yes: look at the members   │             its builder is dead, take over
 *
 * Lambda kills the builder at its deadline, and its last requests take effect within the grace. So from `until` on, "not
 * published" is final, provided that S3 was asked after `until`. The completion of an upload may take longer; a take-over aborts the
 * upload before it asks, see `createBundleLookup`.
 */
export interface Claim {
  bundle: string;
  /** ms since the epoch. */
  until: number;
  /** Seconds since the epoch, for DynamoDB to remove it. */
  expires: number;
}

export type ClaimOutcome =
  /**
   * `failures`: earlier attempts that failed because of the object, see `releaseObject`, or whose builder died. `lastFailure`: what the last
   * of them was, if it is known.
   */
  | { kind: 'claimed'; failures: number; lastFailure?: string | undefined }
  | { kind: 'delivered'; bundle: string }
  | { kind: 'busy'; bundle: string; until: number }
  /** Whether the claim exists is unknown, so the object must not be bundled now. */
  | { kind: 'unknown'; cause: unknown };

export interface LedgerDependencies {
  table: LedgerTable;
  lookup: BundleLookup;
  clock: Clock;
  random: () => number;
}

/** The failure of an object whose claim expired although its builder had not given up. */
const BUILDER_DIED = 'builder-died';

/** How often another invocation may win before we stop trying for now. */
const MAX_ROUNDS = 5;

/**
 * Claims an object version for a bundle: put if absent. If there is another claim, ask S3 about its bundle, and take over only if that
 * bundle is published without the object or can never be published.
 */
export async function claimObject(
  object: ObjectVersion,
  claim: Claim,
  dependencies: LedgerDependencies,
): Promise<ClaimOutcome> {
  const { table, clock, lookup } = dependencies;
  const objectId = objectIdOf(object);
  const item: Item = { id: claimId(objectId), ...claim };
  let failures = 0;
  let lastFailure: string | undefined;
  const takeOver = (attributes: Record<string, string | number>) => {
    const taken = failures > 0 ? { ...item, failures, lastFailure } : item;
    return withRetries(() => table.put(taken, { kind: 'equals', attributes }), dependencies);
  };
  try {
    let write = await withRetries(() => table.put(item, { kind: 'absent' }), dependencies);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (write.kind === 'written') return { kind: 'claimed', failures, lastFailure };
      const other = write.existing;
      failures = Number(other?.['failures'] ?? 0);
      lastFailure = other?.['lastFailure'] === undefined ? undefined : String(other['lastFailure']);
      if (other === undefined) {
        write = await withRetries(() => table.put(item, { kind: 'absent' }), dependencies);
        continue;
      }
      const bundle = String(other['bundle']);
      const until = Number(other['until']);
      if (isReleased(other)) {
        write = await takeOver({ bundle, until });
        continue;
      }
      // Already ours: the response to an earlier attempt was lost.
      if (bundle === claim.bundle) return { kind: 'claimed', failures, lastFailure };
      // Read the clock before S3 is asked: only an answer from after `until` is final.
      const expired = clock.now() >= until;
      const members = await lookup.membersOf(bundle, expired);
      if (members?.has(objectId)) return { kind: 'delivered', bundle };
      if (!members && !expired) return { kind: 'busy', bundle, until };
      if (!members && !lookup.wasGivenUp(bundle)) {
        failures++;
        lastFailure = BUILDER_DIED;
      }
      write = await takeOver({ bundle, until });
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
 * What replaces the claim in a released item, which only counts failures. To the version before such items existed it is an expired claim
 * for a bundle that was never published, so that version takes it over as well.
 */
const RELEASED = { bundle: `${BUNDLE_PREFIX}released`, until: 0 };

/** Whether a claim's item was released, and only counts failures. */
export function isReleased(item: Item): boolean {
  return item['bundle'] === RELEASED.bundle;
}

/** How a claim is released. */
export interface Release {
  bundle: string;
  /** Attempts that failed because of the object, to be kept for the next claim. If there are none, the item is deleted. */
  failures: number;
  /** What the last of them was. */
  lastFailure?: string | undefined;
  /** Seconds since the epoch, for DynamoDB to remove the count. */
  expires: number;
}

/**
 * Releases a claim, so that a later delivery need not wait until it expires. Only for a bundle whose publishing was never attempted. Does
 * nothing if the claim names another bundle.
 *
 * @throws CallError; correctness does not depend on the release
 */
export async function releaseObject(
  object: ObjectVersion,
  { bundle, failures, lastFailure, expires }: Release,
  dependencies: LedgerDependencies,
): Promise<void> {
  const { table } = dependencies;
  const id = claimId(objectIdOf(object));
  const own = { kind: 'equals', attributes: { bundle } } as const;
  await withRetries<unknown>(
    () =>
      failures === 0
        ? table.delete(id, own)
        : table.put({ id, ...RELEASED, failures, lastFailure, expires }, own),
    dependencies,
  );
}

/**
 * Records the upload by which a bundle is going to be published. Must succeed before the upload can be completed, so that a take-over
 * aborts it first.
 *
 * @param expires seconds since the epoch
 * @throws CallError; the upload must then be aborted, not completed
 */
export async function recordUpload(
  bundle: string,
  uploadId: string,
  expires: number,
  { table, ...rules }: LedgerDependencies,
): Promise<void> {
  const item: Item = { id: bundleId(bundle), upload: uploadId, expires };
  const write = await withRetries(() => table.put(item, { kind: 'absent' }), rules);
  // The condition keeps a late effect from replacing the record of the published bundle.
  if (write.kind === 'refused' && write.existing?.['upload'] !== uploadId) {
    throw new Error(`${item.id} exists already`);
  }
}

/**
 * Records that a builder gave up on a bundle after it had tried to publish it. Its claims stay, because the bundle may still appear, but
 * whoever takes them over knows that the builder did not die.
 *
 * @param expires seconds since the epoch
 * @param uploadId of a bundle that was uploaded in parts: a take-over still has to abort it
 * @throws CallError; without the record, the take-over counts as a failure of each member
 */
export async function recordGivenUp(
  bundle: string,
  expires: number,
  uploadId: string | undefined,
  { table, ...rules }: LedgerDependencies,
): Promise<void> {
  const item: Item = { id: bundleId(bundle), ...(uploadId && { upload: uploadId }), givenUp: 1, expires };
  const condition: Condition = uploadId
    ? { kind: 'equals', attributes: { upload: uploadId } }
    : { kind: 'absent' };
  await withRetries(() => table.put(item, condition), rules);
}

/**
 * Records that a bundle is published, with its members, so that the common lookup costs one read. Losing the record costs a HEAD and a GET
 * of the manifest later.
 *
 * @param expires seconds since the epoch
 * @throws CallError; correctness does not depend on the record
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
