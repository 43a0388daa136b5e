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
  /** Days that claims are kept: of older objects the ledger cannot tell whether they were delivered. */
  CLAIM_RETENTION_DAYS: int({ min: 2, max: 365 }),
  /** Age from which an object that is in no bundle counts as lost: 99.9 % are in one by then. */
  SLO_SECONDS: withDefault(seconds({ min: 1, max: 86_400 }), '180'),
  /** Time given to what was requeued, or was being worked on, before it is looked at once more. */
  RECHECK_HOURS: withDefault(int({ min: 1, max: 168 }), '6'),
  /** Questions to the ledger, and messages to the queue, on their way at once. */
  CONCURRENCY: withDefault(int({ min: 1, max: 500 }), '32'),
};

export type Settings = Config<typeof settings>;
