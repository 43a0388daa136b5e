import type { ArchiveStorageClass } from './replay-store.ts';
import type { RestoreTier } from './request.ts';

/** The outcome for one bundle. */
export type BundleOutcome =
  /** It was copied to `replays/`. The archive's checksum was verified, and the copy's unless S3's response was lost. */
  | { kind: 'copied'; target: string; size: number }
  /** In a plan: it would be copied. */
  | { kind: 'to-copy'; target: string; size: number }
  /** An earlier run of this request copied it. */
  | { kind: 'already-there'; target: string }
  /** The consumer has not deleted it yet, so there is nothing to replay. */
  | { kind: 'still-waiting' }
  /** In a plan: it would be restored first. */
  | { kind: 'to-restore'; storageClass: ArchiveStorageClass }
  /** It is being restored; send the request again later. */
  | { kind: 'restoring'; storageClass: ArchiveStorageClass }
  /** It has a manifest but is in neither bucket: never published (its files are in another bundle), or expired in both. */
  | { kind: 'never-published' }
  /** There is no such bundle, or it is not in the archive. */
  | { kind: 'missing'; detail: string }
  | { kind: 'failed'; detail: string };

export type BundleOutcomeKind = BundleOutcome['kind'];

const HOUR_MS = 3_600_000;

/**
 * How long Glacier takes to restore, in hours.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
 */
const HOURS: Record<ArchiveStorageClass, Record<RestoreTier, number>> = {
  GLACIER: { Bulk: 12, Standard: 5 },
  DEEP_ARCHIVE: { Bulk: 48, Standard: 12 },
};

/** When everything that is being restored can be read, ms since the epoch; undefined if nothing is. */
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
