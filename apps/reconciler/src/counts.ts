import type { VersionCounts } from '@data-aggregator/shared-processing/requeue';

/** The counts of a run, in object versions. `examined` are those that landed in the range; undecided ones are examined again. */
export interface ReconcileCounts extends VersionCounts {
  /** Versions that S3 listed. */
  listed: number;
  /** Lost versions that the queue accepted. */
  requeued: number;
  /** Lost versions that the queue did not accept; they are examined again. */
  unsent: number;
}

export function zeroCounts(): ReconcileCounts {
  return {
    listed: 0,
    examined: 0,
    delivered: 0,
    busy: 0,
    quarantined: 0,
    lost: 0,
    requeued: 0,
    unsent: 0,
    undecided: 0,
    unversioned: 0,
  };
}

/** Adds to the counts in place. */
export function addCounts(counts: ReconcileCounts, more: Partial<ReconcileCounts>): void {
  for (const [name, n] of Object.entries(more) as [keyof ReconcileCounts, number][]) counts[name] += n;
}
