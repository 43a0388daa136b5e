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
  /** Days for which a restored bundle can be read. */
  RESTORE_DAYS: withDefault(int({ min: 1, max: 30 }), '7'),
  /** Maximum number of bundles per invocation: its result names each. */
  MOST_BUNDLES: withDefault(int({ min: 1, max: 10_000 }), '1000'),
  /** Maximum number of bundles that are replayed concurrently. */
  CONCURRENCY: withDefault(int({ min: 1, max: 100 }), '8'),
};

export type Settings = Config<typeof settings>;
