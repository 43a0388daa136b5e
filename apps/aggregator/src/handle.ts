import type { Clock } from '@data-aggregator/shared-processing/calls';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { QueueSender } from '@data-aggregator/shared-processing/sqs';
import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { type Admission, type Announcement, announcementsOf, announcementsOfEvent } from './announcements.ts';
import { type BatchDependencies, type BatchReport, processBatch } from './batch.ts';
import type { Candidate } from './fate.ts';
import { report } from './report.ts';
import { quarantine, type QuarantineDependencies, type Refusal } from './quarantine.ts';
import { announceAgain, settlementOf } from './settle.ts';
import { timeBudget } from './time-budget.ts';
import { traceAnnouncements } from './trace.ts';

export interface HandleDependencies extends BatchDependencies, QuarantineDependencies {
  /** For bundles, and for what ends among the dead letters. */
  ledger: BatchDependencies['ledger'];
  admission: Admission;
  /** The queue that the announcements came from. */
  queue: QueueSender;
  clock: Clock;
  log: EventLog;
  metrics: Metrics;
}

/** What the function needs to know of a message; the rest of SQS's record is not its business. */
export interface Message {
  messageId: string;
  body: string;
}

export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** What a direct invocation gives back. */
export interface DirectResult {
  bundles: string[];
  bundled: number;
  duplicates: number;
}

/** A direct invocation in which not every object ended in a bundle; the message says which and why. */
export class DirectInvocationError extends Error {
  override readonly name = 'DirectInvocationError';
}

/**
 * Handles a batch of SQS messages. The answer names the messages that must come again; it is built from the messages,
 * so that one without an outcome comes again too.
 *
 * @param deadline when Lambda kills the invocation, ms since the epoch
 * @param span of the invocation
 * @throws SystemFault: nothing is acknowledged, and the mapping backs off
 */
export async function handleMessages(
  messages: readonly Message[],
  deadline: number,
  dependencies: HandleDependencies,
  span: Span = noSpan,
): Promise<BatchResponse> {
  const { clock, admission, queue } = dependencies;
  const start = clock.now();
  const announcements = messages.flatMap((message) => announcementsOf(message, admission));
  traceAnnouncements(announcements, span);
  const back = await quarantine(announcements.filter(isRefused), dependencies);

  const budget = timeBudget(start, deadline);
  const batch = await processBatch(candidatesOf(announcements), budget, dependencies, span);
  const settlement = settlementOf(announcements, batch.fates);
  for (const origin of settlement.back) back.add(origin);
  for (const origin of await quarantine(settlement.refusals, dependencies)) back.add(origin);
  // A message that comes again anyway brings all its records.
  const unstarted = settlement.unstarted.filter(({ origin }) => !back.has(origin));
  for (const origin of await announceAgain(unstarted, queue)) back.add(origin);

  report(announcements, batch, clock.now() - start, dependencies);
  return { batchItemFailures: [...back].map((itemIdentifier) => ({ itemIdentifier })) };
}

/**
 * Handles an S3 event that the function was invoked with by hand or by a test. There is no queue to give anything back
 * to, so whatever does not end in a bundle is an error.
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
  const announcements = announcementsOfEvent(event, admission);
  traceAnnouncements(announcements, span);
  const budget = timeBudget(start, deadline);
  const batch = await processBatch(candidatesOf(announcements), budget, dependencies, span);
  report(announcements, batch, clock.now() - start, dependencies);

  const failures = [
    ...announcements.filter(isRefused).map(({ reason, detail }) => `${reason}: ${detail}`),
    ...failuresOf(announcements, batch),
  ];
  if (failures.length > 0) {
    throw new DirectInvocationError(
      `${failures.length} of ${announcements.length} failed: ${failures.join('; ')}`,
    );
  }
  const fates = [...batch.fates.values()];
  return {
    bundles: batch.published.map(({ key }) => key),
    bundled: fates.filter(({ kind }) => kind === 'bundled').length,
    duplicates: fates.filter(({ kind }) => kind === 'duplicate').length,
  };
}

/** Each object version once, in the order of its first announcement. */
export function candidatesOf(announcements: readonly Announcement[]): Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const announcement of announcements) {
    if (announcement.kind !== 'candidate') continue;
    const { candidate } = announcement;
    if (!candidates.has(candidate.id)) candidates.set(candidate.id, candidate);
  }
  return [...candidates.values()];
}

function failuresOf(announcements: readonly Announcement[], batch: BatchReport): string[] {
  const { refusals, unstarted, back } = settlementOf(announcements, batch.fates);
  const retries = [...batch.fates.values()].filter((fate) => fate.kind === 'retry');
  return [
    ...refusals.map(({ reason, detail }) => `${reason}: ${detail}`),
    ...retries.map(({ why, detail }) => `${why}: ${detail}`),
    ...unstarted.map(() => 'no time was left to begin'),
    ...(back.size > 0 && retries.length === 0 ? ['an announcement ended nowhere'] : []),
  ];
}

function isRefused(announcement: Announcement): announcement is Announcement & Refusal {
  return announcement.kind === 'refused';
}
