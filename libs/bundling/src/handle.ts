import type { Clock } from '@data-aggregator/shared-processing/retry';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { BatchResponse, Message } from '@data-aggregator/shared-processing/sqs';
import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { type BatchDependencies, type BatchReport, processBatch } from './batch.ts';
import { decide, respond, type ResponseDependencies, returnMessages } from './batch-response.ts';
import { type Admission, type MessageRecord, recordsOf, recordsOfEvent } from './message-records.ts';
import type { Candidate } from './outcome.ts';
import { report } from './report.ts';
import { timeBudget } from './time-budget.ts';
import { traceRecords } from './trace.ts';

export interface HandleDependencies extends BatchDependencies, ResponseDependencies {
  /** For bundles, and for quarantine marks. */
  ledger: BatchDependencies['ledger'];
  admission: Admission;
  clock: Clock;
  log: EventLog;
  metrics: Metrics;
}

/** The result of a direct invocation. */
export interface DirectResult {
  bundles: string[];
  bundled: number;
  duplicates: number;
}

/** A direct invocation in which not every object ended in a bundle; the message says which and why. */
export class DirectInvocationError extends Error {
  override readonly name = 'DirectInvocationError';
}

/** Milliseconds before the deadline at which the function responds, whatever is still under way. */
const RESPONSE_MS = 500;

/**
 * Handles a batch of SQS messages: bundles what it can, then decides once what happens to each message.
 *
 * @param deadline when Lambda kills the invocation, ms since the epoch
 * @param span of the invocation
 * @returns the messages that return to the queue
 * @throws SystemFault: nothing is acknowledged or quarantined, and the mapping backs off
 */
export async function handleMessages(
  messages: readonly Message[],
  deadline: number,
  dependencies: HandleDependencies,
  span: Span = noSpan,
): Promise<BatchResponse> {
  const { clock, admission } = dependencies;
  const start = clock.now();
  const budget = timeBudget(start, deadline);
  const respondUntil = deadline - RESPONSE_MS;
  try {
    const records = messages.flatMap((message) => recordsOf(message, admission));
    traceRecords(records, span);
    const batch = await processBatch(candidatesOf(records), budget, dependencies, span);
    const response = await respond(messages, decide(records, batch.outcomes), dependencies, respondUntil);
    report(records, batch, clock.now() - start, dependencies);
    return response;
  } catch (error) {
    // Lambda leaves the visibility of a failed batch as it is.
    await returnMessages(messages, new Map(), dependencies, respondUntil);
    throw error;
  }
}

/**
 * Handles an S3 event from a manual invocation or a test. There is no queue to return anything to, so any object that
 * does not end in a bundle is an error.
 *
 * @throws DirectInvocationError, SystemFault
 */
export async function handleEvent(
  event: unknown,
  deadline: number,
  dependencies: HandleDependencies,
  span: Span = noSpan,
): Promise<DirectResult> {
  const { clock, admission } = dependencies;
  const start = clock.now();
  const records = recordsOfEvent(event, admission);
  traceRecords(records, span);
  // There is nowhere to forward to, either: a direct invocation bundles objects of any size.
  const planLimits = { ...dependencies.planLimits, forwardBytes: undefined };
  const batch = await processBatch(
    candidatesOf(records),
    timeBudget(start, deadline),
    { ...dependencies, planLimits },
    span,
  );
  report(records, batch, clock.now() - start, dependencies);

  const failures = failuresOf(records, batch);
  if (failures.length > 0) {
    throw new DirectInvocationError(`${failures.length} of ${records.length} failed: ${failures.join('; ')}`);
  }
  const outcomes = [...batch.outcomes.values()];
  return {
    bundles: batch.published.map(({ key }) => key),
    bundled: outcomes.filter(({ kind }) => kind === 'bundled').length,
    duplicates: outcomes.filter(({ kind }) => kind === 'duplicate').length,
  };
}

/** Each object version once, in the order of its first record. */
export function candidatesOf(records: readonly MessageRecord[]): Candidate[] {
  const candidates = records.flatMap((record) => (record.kind === 'candidate' ? [record.candidate] : []));
  return [...new Map(candidates.map((candidate) => [candidate.id, candidate])).values()];
}

/** One sentence for each record or object version that is in no bundle. */
function failuresOf(records: readonly MessageRecord[], { outcomes }: BatchReport): string[] {
  const refused = records.flatMap((record) =>
    record.kind === 'refused' ? [`${record.reason}: ${record.detail}`] : [],
  );
  const failed = candidatesOf(records).flatMap(({ id }) => {
    const outcome = outcomes.get(id);
    switch (outcome?.kind) {
      case 'bundled':
      case 'duplicate':
        return [];
      case 'refused':
        return [`${outcome.reason}: ${outcome.detail}`];
      case 'retry':
        return [`${outcome.why}: ${outcome.detail}`];
      case 'unstarted':
      case 'forwarded':
      case undefined:
        // A direct invocation forwards nothing, and every candidate has an outcome.
        return ['it was not started in time'];
    }
  });
  return [...refused, ...failed];
}
