/** Counts of what was found. */
export interface ReconcileCounts {
  /** Versions that S3 listed. */
  listed: number;
  /** Versions that landed in the range. */
  examined: number;
  delivered: number;
  /** Claimed by a builder that may still be at work. */
  busy: number;
  quarantined: number;
  /** In no bundle, worked on by nobody, and not quarantined. */
  lost: number;
  /** Of the lost, those that the queue took. */
  requeued: number;
  /** Of the lost, those that the queue did not take; they are looked at again. */
  unsent: number;
  /** Bundles could not be asked about; they are looked at again. */
  undecided: number;
  /** Without a version id: they cannot be requeued as what they were requeued as first. */
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

/** Adds to a tally in place. */
export function addCounts(tally: ReconcileCounts, more: Partial<ReconcileCounts>): void {
  for (const [name, n] of Object.entries(more) as [keyof ReconcileCounts, number][]) tally[name] += n;
}
