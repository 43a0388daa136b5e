import type { ArchiveStorageClass } from './replay-store.ts';
import type { RestoreTier } from './request.ts';

/** Where one bundle stands. */
export type BundleOutcome =
  /** It is in `replays/` now, its bytes verified. */
  | { kind: 'copied'; target: string; size: number }
  /** A plan: it would be copied. */
  | { kind: 'to-copy'; target: string; size: number }
  /** An earlier run of this request copied it. */
  | { kind: 'already-there'; target: string }
  /** It was never taken, so that there is nothing to deliver again. */
  | { kind: 'still-waiting' }
  /** A plan: it must be restored first. */
  | { kind: 'to-restore'; storageClass: ArchiveStorageClass }
  /** Being restored; come back later. */
  | { kind: 'restoring'; storageClass: ArchiveStorageClass }
  /** Described, and in neither bucket: never published (its files are in another bundle), or expired in both. */
  | { kind: 'never-published' }
  /** There is no such bundle, or the archive does not hold it. */
  | { kind: 'missing'; detail: string }
  | { kind: 'failed'; detail: string };

export type BundleOutcomeKind = BundleOutcome['kind'];

const HOUR_MS = 3_600_000;

/**
 * The hours within which Glacier restores.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
 */
const HOURS: Record<ArchiveStorageClass, Record<RestoreTier, number>> = {
  GLACIER: { Bulk: 12, Standard: 5 },
  DEEP_ARCHIVE: { Bulk: 48, Standard: 12 },
};

/** When all that is being restored can be read; ms since the epoch. Undefined where nothing is. */
export function comeBackAt(
  outcomes: readonly BundleOutcome[],
  tier: RestoreTier,
  now: number,
): number | undefined {
  const hours = outcomes.flatMap((outcome) =>
    outcome.kind === 'restoring' ? HOURS[outcome.storageClass][tier] : [],
  );
  return hours.length === 0 ? undefined : now + Math.max(...hours) * HOUR_MS;
}
