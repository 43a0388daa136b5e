import { systemClock } from '@data-aggregator/shared-processing/retry';
import { accountId, bucketName, optional, readConfig } from '@data-aggregator/shared-processing/config';
import { createObjectListing, createS3Client } from '@data-aggregator/shared-processing/s3';
import { createLogger, createMetrics } from '@data-aggregator/shared-processing/observability';
import { createTracer, invocationSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context } from 'aws-lambda';
import { type Backlog, countBacklog, reportBacklog } from './backlog.ts';

const config = readConfig(
  { DISTRIBUTION_BUCKET: bucketName(), BUCKET_OWNER: optional(accountId()) },
  process.env,
);
const log = createLogger('distribution-monitor');
const metrics = createMetrics('distribution-monitor');
const listing = createObjectListing(createS3Client({ maxSockets: 1, bucketOwner: config.BUCKET_OWNER }));
const tracer = createTracer(log);

/** Time reserved for the report, in ms. */
const RESERVE_MS = 5_000;

/** Measures the backlog, whatever the event. @throws CallError, so that a failed measurement is a failed invocation */
export async function handler(_event: unknown, context: Context): Promise<Backlog> {
  log.enterInvocation(context);
  const until = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  const dependencies = { listing, clock: systemClock, random: Math.random };
  try {
    return await tracer.invocation(
      context,
      () => invocationSpan('timer', 'distribution-monitor'),
      async () => {
        const backlog = await countBacklog(config.DISTRIBUTION_BUCKET, until, dependencies);
        reportBacklog(backlog, { log, metrics });
        return backlog;
      },
    );
  } catch (error) {
    log.error('backlog.uncounted', { error });
    throw error;
  } finally {
    metrics.flush();
  }
}
