import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { Backlog } from './backlog.ts';

/** Tells the figures that the backlog alarms look at; also those of an empty backlog, which end an alarm. */
export function report(
  { bundles, bytes, oldestAgeSeconds, complete }: Backlog,
  { log, metrics }: { log: EventLog; metrics: Metrics },
): void {
  metrics.count('BacklogBundles', bundles);
  metrics.count('BacklogBytes', bytes);
  metrics.seconds('OldestBundleAgeSeconds', oldestAgeSeconds);
  if (complete) log.info('backlog.counted', { bundles, bytes, oldestAgeSeconds });
  else log.warn('backlog.partly-counted', { bundles, bytes, oldestAgeSeconds });
}
