import { type DirectResult, handleEvent, handleMessages } from '@data-aggregator/bundling';
import { readConfig } from '@data-aggregator/shared-processing/config';
import { createLogger, createMetrics } from '@data-aggregator/shared-processing/observability';
import type { BatchResponse } from '@data-aggregator/shared-processing/sqs';
import { createTracer, invocationSpan, sqsBatchSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context, SQSEvent } from 'aws-lambda';
import { connect } from './dependencies.ts';
import { settings } from './settings.ts';

const log = createLogger('aggregator');
const metrics = createMetrics('aggregator');
const tracer = createTracer(log);
const newDependencies = connect(readConfig(settings, process.env), log, metrics);

/**
 * Takes a batch of SQS messages from the event source mapping, or an S3 event from a direct invocation.
 *
 * @throws SystemFault, so that the mapping backs off; DirectInvocationError
 */
export async function handler(event: unknown, context: Context): Promise<BatchResponse | DirectResult> {
  log.enterInvocation(context);
  const deadline = Date.now() + Math.floor(context.getRemainingTimeInMillis());
  try {
    return isSqsEvent(event)
      ? await tracer.invocation(
          context,
          () => sqsBatchSpan(event.Records),
          (span) => handleMessages(event.Records, deadline, newDependencies(), span),
        )
      : await tracer.invocation(
          context,
          () => invocationSpan('other', 'aggregator'),
          (span) => handleEvent(event, deadline, newDependencies(), span),
        );
  } catch (error) {
    log.error('batch.failed', { error });
    throw error;
  } finally {
    metrics.flush();
  }
}

/** The event source mapping's own event, which Lambda itself makes: its records need no checking. */
function isSqsEvent(event: unknown): event is SQSEvent {
  const [first] = (event as Partial<SQSEvent> | null)?.Records ?? [];
  return first?.eventSource === 'aws:sqs';
}
