import {
  accountId,
  bucketName,
  type Config,
  int,
  optional,
  seconds,
  text,
  url,
  withDefault,
} from '@data-aggregator/shared-processing/config';

/** The reconciler's environment. */
export const settings = {
  LANDING_BUCKET: bucketName(),
  DISTRIBUTION_BUCKET: bucketName(),
  ARCHIVE_BUCKET: bucketName(),
  /** Account that must own the buckets; not checked if it is not set. */
  BUCKET_OWNER: optional(accountId()),
  LEDGER_TABLE: text('the name of the ledger table'),
  /** The aggregator's queue. */
  QUEUE_URL: url(),
  /** Retention of claims in days: for older objects, the ledger does not know whether they were delivered. */
  CLAIM_RETENTION_DAYS: int({ min: 2, max: 365 }),
  /** Age from which an unbundled object counts as lost: 99.9 % are in a bundle by then. */
  SLO_SECONDS: withDefault(seconds({ min: 1, max: 86_400 }), '180'),
  /** Time before a requeued or claimed object is examined again. */
  RECHECK_HOURS: withDefault(int({ min: 1, max: 168 }), '6'),
  /** Maximum concurrent reads of the ledger, and maximum concurrent sends to the queue. */
  CONCURRENCY: withDefault(int({ min: 1, max: 500 }), '32'),
};

export type Settings = Config<typeof settings>;
