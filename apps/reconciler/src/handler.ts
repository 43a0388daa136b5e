import { readConfig } from '@data-aggregator/shared-processing/config';
import { createLogger, createMetrics } from '@data-aggregator/shared-processing/observability';
import { createTracer, invocationSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context } from 'aws-lambda';
import { createDependencies } from './dependencies.ts';
import { reconcileByHand, reconcileOnSchedule } from './reconcile.ts';
import { parseRequest } from './request.ts';
import { settings } from './settings.ts';

const log = createLogger('reconciler');
const metrics = createMetrics('reconciler');
const tracer = createTracer(log);
const dependencies = createDependencies(readConfig(settings, process.env), log, metrics);

/** Time reserved for the last page, in ms; at most a share of a short invocation. */
const RESERVE_MS = 60_000;
const RESERVED_SHARE = 0.3;

/** Handles a scheduled event or a manual request. @throws ReconcileRequestError, CallError, SystemFault */
export async function handler(event: unknown, context: Context) {
  log.enterInvocation(context);
  const left = context.getRemainingTimeInMillis();
  const deadline = Date.now() + left;
  const until = deadline - Math.min(RESERVE_MS, left * RESERVED_SHARE);
  try {
    const request = parseRequest(event);
    return request.kind === 'scheduled'
      ? await tracer.invocation(
          context,
          () => invocationSpan('timer', 'reconciler'),
          () => reconcileOnSchedule({ until, deadline }, dependencies),
        )
      : await tracer.invocation(
          context,
          () => invocationSpan('other', 'reconciler'),
          () => reconcileByHand(request, { until }, dependencies),
        );
  } catch (error) {
    log.error('reconcile.failed', { error });
    throw error;
  } finally {
    metrics.flush();
  }
}
