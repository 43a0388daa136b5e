import { readConfig } from '@data-aggregator/shared-processing/config';
import { createLogger, createMetrics } from '@data-aggregator/shared-processing/observability';
import type { BatchResponse } from '@data-aggregator/shared-processing/sqs';
import { createTracer, invocationSpan, sqsBatchSpan } from '@data-aggregator/shared-processing/tracing';
import type { Context, SQSEvent } from 'aws-lambda';
import { type DirectResult, handleEvent, handleMessages } from '../handle.ts';
import { connect } from './connect.ts';
import { settings } from './settings.ts';

export type BundlingHandler = (event: unknown, context: Context) => Promise<BatchResponse | DirectResult>;

/**
 * The handler of a function that bundles objects. It takes a batch of SQS messages from the event source mapping, or an S3 event from a
 * direct invocation. It throws SystemFault, so that the mapping backs off, and DirectInvocationError.
 *
 * @param name of the function, for logs and metrics
 * @param env environment variables
 * @throws ConfigError if the environment is not valid
 */
export function createBundlingHandler(name: string, env: NodeJS.ProcessEnv): BundlingHandler {
  const log = createLogger(name);
  const metrics = createMetrics(name);
  const tracer = createTracer(log);
  const newDependencies = connect(readConfig(settings, env), log, metrics);

  return async (event, context) => {
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
            () => invocationSpan('other', name),
            (span) => handleEvent(event, deadline, newDependencies(), span),
          );
    } catch (error) {
      log.error('batch.failed', { error });
      throw error;
    } finally {
      metrics.flush();
    }
  };
}

/** The event source mapping's own event, which Lambda itself makes: its records need no checking. */
function isSqsEvent(event: unknown): event is SQSEvent {
  const [first] = (event as Partial<SQSEvent> | null)?.Records ?? [];
  return first?.eventSource === 'aws:sqs';
}
