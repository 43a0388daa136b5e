import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import { type Clock, type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import type { ObjectListing } from '@data-aggregator/shared-processing/s3';

/** Prefixes of the bundles that wait for the consumer: new and replayed ones. */
const CONSUMER_PREFIXES = [BUNDLE_PREFIX, REPLAY_PREFIX] as const;

/** The bundles that wait for the consumer. */
export interface Backlog {
  bundles: number;
  bytes: number;
  /** Seconds that the oldest bundle has waited; 0 if there is none. */
  oldestAgeSeconds: number;
  /** Whether everything was counted. If time ran out, the figures are lower bounds. */
  complete: boolean;
}

export interface BacklogDependencies extends RetryRules {
  listing: Pick<ObjectListing, 'objects'>;
  clock: Clock;
}

/**
 * Counts the bundles in the distribution bucket, page by page. Keys of bundles sort by time, so the oldest come first even if
 * time runs out.
 *
 * @param bucket the distribution bucket
 * @param until when to stop, ms since the epoch
 * @throws CallError
 */
export async function countBacklog(
  bucket: string,
  until: number,
  dependencies: BacklogDependencies,
): Promise<Backlog> {
  const { listing, clock } = dependencies;
  let bundles = 0;
  let bytes = 0;
  let oldest = Infinity;
  let complete = true;
  for (const prefix of CONSUMER_PREFIXES) {
    let after: string | undefined;
    do {
      if (clock.now() >= until) {
        complete = false;
        break;
      }
      const start = { bucket, prefix, after };
      const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
      for (const { size, lastModified } of objects) {
        bundles++;
        bytes += size;
        oldest = Math.min(oldest, lastModified);
      }
      after = next;
    } while (after !== undefined);
  }
  // S3's clock may be ahead of ours.
  const oldestAgeSeconds = bundles === 0 ? 0 : Math.max(0, (clock.now() - oldest) / 1000);
  return { bundles, bytes, oldestAgeSeconds, complete };
}

/** Reports the figures that the backlog alarms use, also for an empty backlog, which ends an alarm. */
export function reportBacklog(
  { bundles, bytes, oldestAgeSeconds, complete }: Backlog,
  { log, metrics }: { log: EventLog; metrics: Metrics },
): void {
  metrics.count('BacklogBundles', bundles);
  metrics.seconds('OldestBundleAgeSeconds', oldestAgeSeconds);
  if (complete) log.info('backlog.counted', { bundles, bytes, oldestAgeSeconds });
  else log.warn('backlog.partly-counted', { bundles, bytes, oldestAgeSeconds });
}
