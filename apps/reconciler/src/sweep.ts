import { withRetries } from '@data-aggregator/shared-processing/retry';
import type { ObjectListing, VersionMarker } from '@data-aggregator/shared-processing/s3';
import type { NotifiedObject } from '@data-aggregator/shared-processing/s3-event';
import { requeue, type RequeueDependencies } from './requeue.ts';
import { earliest, classifyVersions, type ClassifyDependencies } from './classify-versions.ts';
import type { Range } from './range.ts';
import { addCounts, zeroCounts, type ReconcileCounts } from './counts.ts';

export interface SweepDependencies extends ClassifyDependencies, RequeueDependencies {
  listing: Pick<ObjectListing, 'versions'>;
}

export interface SweepOptions {
  range: Range;
  after: VersionMarker | undefined;
  dryRun: boolean;
  /** When to begin no further page, ms since the epoch. */
  until: number;
  /** Told after each page, so that the place can be kept. */
  onPage?: (progress: Progress) => Promise<void>;
}

export interface Progress {
  /** Where to go on; undefined at the end. */
  next: VersionMarker | undefined;
  /** When the oldest landed that is neither delivered nor quarantined; ms since the epoch. */
  unsettledSince: number | undefined;
}

export interface SweepResult extends Progress {
  tally: ReconcileCounts;
  /** The first few of the lost. */
  sample: NotifiedObject[];
}

/** Enough of the lost to recognise what they have in common. */
const MAX_SAMPLE = 20;

/**
 * Goes through the versions of the landing bucket, a page at a time, and requeues those again that are lost.
 *
 * @throws CallError, SystemFault
 */
export async function sweep(options: SweepOptions, dependencies: SweepDependencies): Promise<SweepResult> {
  const { range, dryRun, until, onPage } = options;
  const { listing, clock, landingBucket } = dependencies;
  const tally = zeroCounts();
  const sample: NotifiedObject[] = [];
  let unsettledSince: number | undefined;
  let next = options.after;
  do {
    const start = { bucket: landingBucket, after: next };
    const page = await withRetries(() => listing.versions(start), dependencies);
    const examined = await classifyVersions(page.versions, range, dependencies);
    addCounts(tally, examined.counts);
    sample.push(...examined.lost.slice(0, MAX_SAMPLE - sample.length));
    unsettledSince = earliest([unsettledSince, examined.unsettledSince]);
    if (!dryRun) {
      const requeued = await requeue(examined.lost, dependencies);
      addCounts(tally, { requeued, unsent: examined.lost.length - requeued });
    }
    next = page.next;
    await onPage?.({ next, unsettledSince });
  } while (next !== undefined && clock.now() < until);
  return { tally, sample, next, unsettledSince };
}
