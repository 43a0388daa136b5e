/** The counts of a run, in object versions. */
export interface ReconcileCounts {
  /** Versions that S3 listed. */
  listed: number;
  /** Versions that landed in the range. */
  examined: number;
  delivered: number;
  /** Claimed by a builder that may still be at work. */
  busy: number;
  quarantined: number;
  /** Neither bundled nor claimed nor quarantined. */
  lost: number;
  /** Lost versions that the queue accepted. */
  requeued: number;
  /** Lost versions that the queue did not accept; they are examined again. */
  unsent: number;
  /** Their bundle could not be looked up; they are examined again. */
  undecided: number;
  /** Without a version id: a requeued notification would not have the identity of the original one. */
  unversioned: number;
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
