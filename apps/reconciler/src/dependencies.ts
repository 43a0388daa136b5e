import { systemClock } from '@data-aggregator/shared-processing/retry';
import { createLedgerTable, createPublications } from '@data-aggregator/shared-processing/ledger';
import {
  createObjectListing,
  createObjectStore,
  createS3Client,
} from '@data-aggregator/shared-processing/s3';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import { createQueueSender, createSendBatch } from '@data-aggregator/shared-processing/sqs';
import type { ReconcileDependencies } from './reconcile.ts';
import type { Settings } from './settings.ts';

const MS_PER_DAY = 86_400_000;
const MS_PER_HOUR = 3_600_000;

/** Creates the handler's dependencies, once per execution environment. */
export function createDependencies(
  settings: Settings,
  log: EventLog,
  metrics: Metrics,
): ReconcileDependencies {
  const { BUCKET_OWNER: bucketOwner, CONCURRENCY: concurrency } = settings;
  const rules = { clock: systemClock, random: Math.random };
  const client = createS3Client({ maxSockets: concurrency, bucketOwner });
  const buckets = { distribution: settings.DISTRIBUTION_BUCKET, archive: settings.ARCHIVE_BUCKET };
  return {
    ...rules,
    log,
    metrics,
    landingBucket: settings.LANDING_BUCKET,
    listing: createObjectListing(client),
    table: createLedgerTable(settings.LEDGER_TABLE, { maxSockets: concurrency }),
    publications: createPublications(createObjectStore(client), buckets, rules),
    queue: createQueueSender(createSendBatch(settings.QUEUE_URL), {
      ...rules,
      onError: (error) => log.error('messages.unsent', { queueUrl: settings.QUEUE_URL, error }),
    }),
    maxConcurrentReads: concurrency,
    maxConcurrentSends: concurrency,
    rules: {
      sloMs: settings.SLO_SECONDS * 1000,
      recheckMs: settings.RECHECK_HOURS * MS_PER_HOUR,
      claimRetentionMs: settings.CLAIM_RETENTION_DAYS * MS_PER_DAY,
    },
  };
}
