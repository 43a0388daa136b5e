import { systemClock } from '@data-aggregator/shared-processing/retry';
import { createLedgerTable, createPublications } from '@data-aggregator/shared-processing/ledger';
import {
  createMultipartStore,
  createObjectListing,
  createObjectStore,
  createS3Client,
} from '@data-aggregator/shared-processing/s3';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { ReplayDependencies } from './replay.ts';
import { createReplayStore } from './replay-store.ts';
import type { Settings } from './settings.ts';

/** A copy within S3 sends no byte until it is done. In ms; less than the time reserved for the last bundles. */
const MAX_COPY_MS = 100_000;

/** A bundle over 5 GiB is copied in ranges. Their number at once is bounded by connections, since bundles may be copied next to each other. */
const RANGE_BYTES = 1024 ** 3;
const CONCURRENT_RANGES = 100;

/** Creates the handler's dependencies, once per execution environment. */
export function createDependencies(settings: Settings, log: EventLog, metrics: Metrics): ReplayDependencies {
  const { BUCKET_OWNER: bucketOwner, CONCURRENCY: concurrency } = settings;
  const rules = { clock: systemClock, random: Math.random };
  const client = createS3Client({ maxSockets: concurrency, bucketOwner });
  const copying = createS3Client({ maxSockets: concurrency, stalledAfterMs: MAX_COPY_MS, bucketOwner });
  const store = createObjectStore(client);
  const buckets = { distribution: settings.DISTRIBUTION_BUCKET, archive: settings.ARCHIVE_BUCKET };
  return {
    ...rules,
    log,
    metrics,
    store,
    buckets,
    archive: settings.ARCHIVE_BUCKET,
    landingBucket: settings.LANDING_BUCKET,
    listing: createObjectListing(client),
    replays: createReplayStore(copying),
    multipart: createMultipartStore(client, { maxSockets: CONCURRENT_RANGES }),
    rangeBytes: RANGE_BYTES,
    concurrentRanges: CONCURRENT_RANGES,
    table: createLedgerTable(settings.LEDGER_TABLE, { maxSockets: concurrency }),
    publications: createPublications(store, buckets, rules),
    restoreDays: settings.RESTORE_DAYS,
    maxBundles: settings.MOST_BUNDLES,
    maxConcurrentReads: concurrency,
    concurrency,
  };
}
