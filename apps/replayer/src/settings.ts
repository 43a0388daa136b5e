import {
  accountId,
  bucketName,
  type Config,
  int,
  optional,
  text,
  withDefault,
} from '@data-aggregator/shared-processing/config';

/** The replayer's environment. */
export const settings = {
  LANDING_BUCKET: bucketName(),
  DISTRIBUTION_BUCKET: bucketName(),
  ARCHIVE_BUCKET: bucketName(),
  /** Account that must own the buckets; not checked if it is not set. */
  BUCKET_OWNER: optional(accountId()),
  LEDGER_TABLE: text('the name of the ledger table'),
  /** Days that a bundle which was restored from Glacier can be read. */
  RESTORE_DAYS: withDefault(int({ min: 1, max: 30 }), '7'),
  /** Bundles that an invocation goes through at most: its answer names each. */
  MOST_BUNDLES: withDefault(int({ min: 1, max: 10_000 }), '1000'),
  /** Bundles that are worked on at once. */
  CONCURRENCY: withDefault(int({ min: 1, max: 100 }), '8'),
};

export type Settings = Config<typeof settings>;
