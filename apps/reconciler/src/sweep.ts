import {
  classifyVersions,
  type ClassifyDependencies,
  earliest,
} from '@data-aggregator/shared-processing/requeue';
import { withRetries } from '@data-aggregator/shared-processing/retry';
import type { ObjectListing, VersionMarker } from '@data-aggregator/shared-processing/s3';
import type { NotifiedObject } from '@data-aggregator/shared-processing/s3-event';
import { requeue, type RequeueDependencies } from './requeue.ts';
import { isInRange, type Range } from './range.ts';
import { addCounts, zeroCounts, type ReconcileCounts } from './counts.ts';

export interface SweepDependencies extends ClassifyDependencies, RequeueDependencies {
  listing: Pick<ObjectListing, 'versions'>;
}

export interface SweepOptions {
  range: Range;
  after: VersionMarker | undefined;
  dryRun: boolean;
  /** When to stop starting pages, ms since the epoch. */
  until: number;
  /** Called after each page, to save the progress. */
  onPage?: (progress: Progress) => Promise<void>;
}

export interface Progress {
  /** Where to continue; undefined at the end. */
  next: VersionMarker | undefined;
  /** When the oldest object landed that is neither delivered nor quarantined; ms since the epoch. */
  unsettledSince: number | undefined;
}

export interface SweepResult extends Progress {
  counts: ReconcileCounts;
  /** The first few lost objects. */
  sample: NotifiedObject[];
}

/** Maximum number of lost objects in a result. */
const MAX_SAMPLE = 20;

/**
 * Lists the versions in the landing bucket, page by page, and requeues the lost ones.
 *
 * @throws CallError, SystemFault
 */
export async function sweep(options: SweepOptions, dependencies: SweepDependencies): Promise<SweepResult> {
  const { range, dryRun, until, onPage } = options;
  const { listing, clock, landingBucket } = dependencies;
  const counts = zeroCounts();
  const sample: NotifiedObject[] = [];
  let unsettledSince: number | undefined;
  let next = options.after;
  do {
    const start = { bucket: landingBucket, after: next };
    const page = await withRetries(() => listing.versions(start), dependencies);
    const inRange = page.versions.filter((version) => isInRange(range, version));
    const examined = await classifyVersions(inRange, dependencies);
    addCounts(counts, { listed: page.versions.length, ...examined.counts });
    sample.push(...examined.lost.slice(0, MAX_SAMPLE - sample.length));
    unsettledSince = earliest([unsettledSince, examined.unsettledSince]);
    if (!dryRun) {
      const requeued = await requeue(examined.lost, dependencies);
      addCounts(counts, { requeued, unsent: examined.lost.length - requeued });
    }
    next = page.next;
    await onPage?.({ next, unsettledSince });
  } while (next !== undefined && clock.now() < until);
  return { counts, sample, next, unsettledSince };
}
