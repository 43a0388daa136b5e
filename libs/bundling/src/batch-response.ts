import { type Clock, mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { type Ledger, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import {
  type BatchResponse,
  batchResponse,
  deadLetter,
  type QueueSender,
} from '@data-aggregator/shared-processing/sqs';
import { bodyOf, type MessageRecord, type Refusal } from './message-records.ts';
import type { Candidate, Outcome } from './outcome.ts';

/*
 * The one place that decides what happens to a message, once the outcome of each of its records is known:
 *
 *   bundled, duplicate, test event   done
 *   refused                          dead-letter queue, with the reason
 *   unstarted                        the queue again, as a new message
 *   retry, or no outcome             the message itself returns to the queue
 *
 * A message that returns brings all its records again, so nothing else is sent for it now.
 */

export interface ResponseDependencies {
  /** The queue that the messages came from. */
  queue: QueueSender;
  deadLetters: QueueSender;
  ledger: Pick<Ledger, 'quarantine'>;
  clock: Clock;
  log: EventLog;
  /** How long quarantine marks are kept, in ms. */
  claimRetentionMs: number;
}

/** What to do for the messages of a batch. */
export interface BatchDecision {
  /** Messages that return to the queue. */
  returning: Set<string>;
  refusals: Refusal[];
  unstarted: { messageId: string; candidate: Candidate }[];
}

/**
 * Decides what happens to each message. A record without an outcome makes its message return, so nothing is acknowledged by
 * mistake.
 */
export function decide(
  records: readonly MessageRecord[],
  outcomes: ReadonlyMap<string, Outcome>,
): BatchDecision {
  const returning = new Set<string>();
  const refusals: Refusal[] = [];
  const unstarted: BatchDecision['unstarted'] = [];
  for (const record of records) {
    if (record.kind === 'test-event') continue;
    if (record.kind === 'refused') {
      refusals.push(record);
      continue;
    }
    const { messageId, candidate } = record;
    const outcome = outcomes.get(candidate.id);
    switch (outcome?.kind) {
      case 'bundled':
      case 'duplicate':
        break;
      case 'refused': {
        const { reason, detail } = outcome;
        const { landed } = candidate;
        refusals.push({ messageId, reason, detail, body: bodyOf(landed), object: landed });
        break;
      }
      case 'unstarted':
        unstarted.push({ messageId, candidate });
        break;
      case 'retry':
      case undefined:
        returning.add(messageId);
    }
  }
  const stays = ({ messageId }: { messageId: string }) => !returning.has(messageId);
  return {
    returning,
    refusals: firstOfEach(refusals.filter(stays), ({ object, body }) => (object ? objectIdOf(object) : body)),
    unstarted: firstOfEach(unstarted.filter(stays), ({ candidate }) => candidate.id),
  };
}

/**
 * Quarantines and requeues what was decided, and builds the response to Lambda. A message whose dead letter or new message
 * SQS does not accept returns to the queue.
 */
export async function respond(
  { returning, refusals, unstarted }: BatchDecision,
  dependencies: ResponseDependencies,
): Promise<BatchResponse> {
  const failed = [
    ...returning,
    ...(await quarantine(refusals, dependencies)),
    ...(await requeue(unstarted, dependencies.queue)),
  ];
  return batchResponse(failed);
}

/** @returns the ids of messages whose dead letter SQS did not accept */
async function quarantine(
  refusals: readonly Refusal[],
  dependencies: ResponseDependencies,
): Promise<string[]> {
  for (const { messageId, reason, detail, object } of refusals) {
    const id = object && objectIdOf(object);
    dependencies.log.warn('notification.quarantined', { messageId, object: id, reason, detail });
  }
  const sent = await dependencies.deadLetters.send(refusals.map(deadLetter));
  await markQuarantined(
    refusals.filter((_, index) => sent[index]),
    dependencies,
  );
  return unsentMessageIds(refusals, sent);
}

const MAX_CONCURRENT_MARKS = 8;

/** Records in the ledger which object versions have dead letters, so that the reconciler does not requeue them. */
async function markQuarantined(
  refusals: readonly Refusal[],
  { ledger, log, clock, claimRetentionMs }: ResponseDependencies,
): Promise<void> {
  const expires = Math.ceil((clock.now() + claimRetentionMs) / 1000);
  await mapConcurrently(refusals, MAX_CONCURRENT_MARKS, async ({ object, reason }) => {
    if (!object) return;
    try {
      await ledger.quarantine(object, reason, expires);
    } catch (error) {
      // Without its mark the reconciler may requeue it once more, and it is quarantined again.
      log.warn('quarantine.unmarked', { reason, error });
    }
  });
}

/**
 * Sends unstarted records to the queue as new messages, so that they do not spend a receive.
 *
 * @returns the ids of messages whose new message SQS did not accept
 */
async function requeue(unstarted: BatchDecision['unstarted'], queue: QueueSender): Promise<string[]> {
  const messages = unstarted.map(({ candidate }) => ({ body: bodyOf(candidate.landed), attributes: {} }));
  return unsentMessageIds(unstarted, await queue.send(messages));
}

function unsentMessageIds(sources: readonly { messageId: string }[], sent: readonly boolean[]): string[] {
  return sources.filter((_, index) => sent[index] !== true).map(({ messageId }) => messageId);
}

function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return !seen.has(key) && seen.add(key);
  });
}
