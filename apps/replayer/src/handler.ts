import { readConfig } from '@data-aggregator/shared-processing/config';
import { createLogger, createMetrics } from '@data-aggregator/shared-processing/observability';
import { createTracer, invocationSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context } from 'aws-lambda';
import type { ReplayResult } from './result.ts';
import { createDependencies } from './dependencies.ts';
import { replay } from './replay.ts';
import { parseRequest } from './request.ts';
import { settings } from './settings.ts';

const log = createLogger('replayer');
const metrics = createMetrics('replayer');
const tracer = createTracer(log);
const dependencies = createDependencies(readConfig(settings, process.env), log, metrics);

/** Share of an invocation's time that is reserved for the last bundles. */
const RESERVED_SHARE = 0.4;

/** Handles an operator's request. @throws ReplayRequestError, ReplayInProgressError, SystemFault, CallError */
export async function handler(event: unknown, context: Context): Promise<ReplayResult> {
  log.enterInvocation(context);
  const left = context.getRemainingTimeInMillis();
  const deadline = Date.now() + left;
  try {
    const until = deadline - left * RESERVED_SHARE;
    return await tracer.invocation(
      context,
      () => invocationSpan('other', 'replayer'),
      () => replay(parseRequest(event), { until, deadline }, dependencies),
    );
  } catch (error) {
    log.error('replay.failed', { error });
    throw error;
  } finally {
    metrics.flush();
  }
}
