import { systemClock } from '@data-aggregator/shared-processing/retry';
import { accountId, bucketName, optional, readConfig } from '@data-aggregator/shared-processing/config';
import {
  createObjectListing,
  createObjectStore,
  createS3Client,
} from '@data-aggregator/shared-processing/s3';
import { createLogger } from '@data-aggregator/shared-processing/observability';
import { createTracer, invocationSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context } from 'aws-lambda';
import { type Backlog, countBacklog, reportBacklog } from '@data-aggregator/shared-processing/backlog';
import { measureDiskTimes, type PreviousRun, receiptRange, reportDiskTimes, runOf } from './disk-times.ts';

const config = readConfig(
  {
    DISTRIBUTION_BUCKET: bucketName(),
    ARCHIVE_BUCKET: bucketName(),
    BUCKET_OWNER: optional(accountId()),
  },
  process.env,
);
const log = createLogger('distribution-monitor');
const s3 = createS3Client({ maxSockets: 16, bucketOwner: config.BUCKET_OWNER });
const tracer = createTracer(log);
const dependencies = {
  listing: createObjectListing(s3),
  store: createObjectStore(s3),
  archive: config.ARCHIVE_BUCKET,
  clock: systemClock,
  random: Math.random,
  log,
};

/** Time reserved for the report, in ms. */
const RESERVE_MS = 5_000;
/** Share of the remaining time after which the count of the backlog stops. */
const BACKLOG_SHARE = 0.75;

/** The previous run of this process. A new process has none, and lists more. */
let previous: PreviousRun | undefined;

/** What an invocation returns: the backlog, and the number of bundles that reached the consumer's disk. */
export type Answer = Backlog & { onDisk: number };

/**
 * Measures the backlog and the time to the consumer's disk, whatever the event.
 *
 * @throws CallError, so that a failed measurement is a failed invocation
 */
export async function handler(_event: unknown, context: Context): Promise<Answer> {
  log.enterInvocation(context);
  const begun = Date.now();
  const left = context.getRemainingTimeInMillis() - RESERVE_MS;
  try {
    return await tracer.invocation(
      context,
      () => invocationSpan('timer', 'distribution-monitor'),
      async () => {
        const backlog = await countBacklog(
          config.DISTRIBUTION_BUCKET,
          begun + left * BACKLOG_SHARE,
          dependencies,
        );
        reportBacklog(backlog, log);
        const range = receiptRange(begun, previous);
        const times = await measureDiskTimes(range, begun + left, dependencies);
        reportDiskTimes(times, log);
        previous = runOf(range, begun, backlog);
        return { ...backlog, onDisk: times.bundles };
      },
    );
  } catch (error) {
    log.error('measurement.failed', { error });
    throw error;
  }
}
