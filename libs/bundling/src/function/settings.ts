import {
  accountId,
  bucketName,
  bytes,
  type Config,
  int,
  oneOf,
  optional,
  seconds,
  text,
  url,
  withDefault,
} from '@data-aggregator/shared-processing/config';
import {
  GROUP_BY_FORMS,
  GroupByError,
  type GroupOf,
  parseGroupBy,
} from '@data-aggregator/shared-processing/groups';
import * as v from 'valibot';
import { COPY_LIMITS, MAX_COPIED_BYTES, minCopiedBytes } from '../copy-bundle.ts';

const MiB = 1024 ** 2;

/** How bundles are divided into groups: `segments:2`, or `pattern:^in/([^/]+)/`. */
function groupBy() {
  return v.pipe(
    v.string(GROUP_BY_FORMS),
    v.rawTransform(({ dataset, addIssue, NEVER }): GroupOf => {
      try {
        return parseGroupBy(dataset.value);
      } catch (error) {
        if (!(error instanceof GroupByError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}

/**
 * Environment variables of the bundling functions. Those without a default say where they work. The others say how, and bound memory:
 * read-ahead and the bundle in memory take less than half of 512 MB.
 */
export const settings = {
  LANDING_BUCKET: bucketName(),
  /** Whether landing keeps versions; then a notification without a version id is refused. */
  LANDING_VERSIONED: withDefault(oneOf('true', 'false'), 'true'),
  DISTRIBUTION_BUCKET: bucketName(),
  ARCHIVE_BUCKET: bucketName(),
  /** Account that must own the buckets; not checked if it is not set. */
  BUCKET_OWNER: optional(accountId()),
  LEDGER_TABLE: text('the name of the ledger table'),
  QUEUE_URL: url(),
  DEAD_LETTER_QUEUE_URL: url(),
  /** Objects over MEMBER_MEMORY_BYTES are sent to this queue; bundled by the function itself if it is not set. */
  LARGE_OBJECTS_QUEUE_URL: optional(url()),
  /** Days that claims are kept: longer than a message can live in the queue and the dead letters. */
  CLAIM_RETENTION_DAYS: int({ min: 1, max: 365 }),
  /** Time after an invocation's deadline in which its PUTs may still land, and by which clocks may differ. */
  CLAIM_GRACE_SECONDS: withDefault(seconds({ min: 1, max: 900 }), '50'),

  BUNDLE_FORMAT: withDefault(oneOf('tar.gz', 'tar.zst'), 'tar.gz'),
  COMPRESSION_LEVEL: withDefault(int({ min: 1, max: 9 }), '6'),
  BUNDLE_MAX_BYTES: withDefault(bytes({ min: 1, max: 10_000 * MiB }), '256MiB'),
  BUNDLE_MAX_MEMBERS: withDefault(int({ min: 1, max: 10_000 }), '5000'),
  /** Divides bundles into groups by a part of the key; not divided if it is not set. The same for both bundling functions. */
  BUNDLE_GROUP_BY: optional(groupBy()),
  /** Larger objects are refused. By default, none that S3 can hold within a tar. */
  OBJECT_MAX_BYTES: withDefault(bytes({ min: 1, max: MAX_COPIED_BYTES }), `${MAX_COPIED_BYTES / MiB}MiB`),
  /** Objects above this size are copied within S3, all others are streamed; chosen by size and speed if it is not set. */
  COPY_ABOVE_BYTES: optional(bytes({ min: minCopiedBytes(COPY_LIMITS), max: MAX_COPIED_BYTES })),
  /** Larger members have a bundle to themselves and are streamed; smaller ones are read whole first. */
  MEMBER_MEMORY_BYTES: withDefault(bytes({ min: 1, max: 1_000 * MiB }), '32MiB'),
  READ_AHEAD_BYTES: withDefault(bytes({ min: 1, max: 4_000 * MiB }), '64MiB'),
  /** Members that are read at once. */
  READ_CONCURRENCY: withDefault(int({ min: 1, max: 500 }), '48'),
  /** Whether bodies are read into one shared buffer; `auto` stops when Node no longer supports it. */
  SHARED_READ_BUFFER: withDefault(oneOf('auto', 'always', 'never'), 'auto'),
  CLAIM_CONCURRENCY: withDefault(int({ min: 1, max: 500 }), '48'),
  /** Bytes of a bundle that are kept in memory; a larger one is uploaded in parts. Must hold two parts of 5 MiB. */
  SPOOL_MEMORY_BYTES: withDefault(bytes({ min: 10 * MiB, max: 4_000 * MiB }), '96MiB'),
};

export type Settings = Config<typeof settings>;
