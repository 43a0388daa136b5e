import { type Clock, mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { type Ledger, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import {
  type BatchResponse,
  batchResponse,
  deadLetter,
  type Message,
  type QueueSender,
  type VisibilityTimer,
} from '@data-aggregator/shared-processing/sqs';
import { bodyOf, type MessageRecord, type Refusal } from './message-records.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { retryDelaySeconds } from './retry-delay.ts';

/*
 * The one place that decides what happens to a message, once the outcome of each of its records is known:
 *
 *   bundled, duplicate, ignored      done
 *   refused                          dead-letter queue, with the reason
 *   forwarded                        the queue of the function for large objects, as a new message
 *   unstarted                        the queue again, as a new message
 *   retry, or no outcome             the message itself returns to the queue, when a retry makes sense
 *
 * A message that returns brings all its records again, so nothing else is sent for it now.
 */

export interface ResponseDependencies {
  /** The queue that the messages came from. */
  queue: QueueSender;
  /** Sets when messages return to that queue. */
  visibility: VisibilityTimer;
  /** The queue of the function for large objects; undefined if there is none. */
  largeObjects?: QueueSender | undefined;
  deadLetters: QueueSender;
  ledger: Pick<Ledger, 'quarantine'>;
  clock: Clock;
  random: () => number;
  log: EventLog;
  /** How long quarantine marks are kept, in ms. */
  claimRetentionMs: number;
}

type RecordOfMessage = { messageId: string; candidate: Candidate };

/** What to do for the messages of a batch. */
export interface BatchDecision {
  /** Messages that return to the queue, by id: until which moment (ms since the epoch) a retry makes no sense, if that is known. */
  returning: Map<string, number | undefined>;
  refusals: Refusal[];
  forwarded: RecordOfMessage[];
  unstarted: RecordOfMessage[];
}

/**
 * Decides what happens to each message. A record without an outcome makes its message return, so nothing is acknowledged by
 * mistake.
 */
export function decide(
  records: readonly MessageRecord[],
  outcomes: ReadonlyMap<string, Outcome>,
): BatchDecision {
  const returning: BatchDecision['returning'] = new Map();
  const refusals: Refusal[] = [];
  const forwarded: RecordOfMessage[] = [];
  const unstarted: RecordOfMessage[] = [];
  for (const record of records) {
    if (record.kind === 'ignored') continue;
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
      case 'forwarded':
        forwarded.push({ messageId, candidate });
        break;
      case 'unstarted':
        unstarted.push({ messageId, candidate });
        break;
      case 'retry':
      case undefined:
        returning.set(messageId, latest(returning.get(messageId), outcome?.until));
    }
  }
  const stays = ({ messageId }: { messageId: string }) => !returning.has(messageId);
  const firstOfObject = (records: readonly RecordOfMessage[]) =>
    firstOfEach(records.filter(stays), ({ candidate }) => candidate.id);
  return {
    returning,
    refusals: firstOfEach(refusals.filter(stays), ({ object, body }) => (object ? objectIdOf(object) : body)),
    forwarded: firstOfObject(forwarded),
    unstarted: firstOfObject(unstarted),
  };
}

/**
 * Quarantines, forwards and requeues what was decided, sets when messages return, and builds the response to Lambda. A message whose
 * dead letter or new message SQS does not accept returns to the queue.
 *
 * @param messages the whole batch
 * @param respondUntil when to stop setting visibility timeouts, so that the response reaches Lambda in time; ms since the epoch
 */
export async function respond(
  messages: readonly Message[],
  { returning, refusals, forwarded, unstarted }: BatchDecision,
  dependencies: ResponseDependencies,
  respondUntil: number,
): Promise<BatchResponse> {
  const { queue, largeObjects } = dependencies;
  const unsent = [
    ...(await quarantine(refusals, dependencies)),
    ...(largeObjects
      ? await sendAsNew(forwarded, largeObjects)
      : forwarded.map(({ messageId }) => messageId)),
    ...(await sendAsNew(unstarted, queue)),
  ];
  const failed = new Map([...unsent.map((id) => [id, undefined] as const), ...returning]);
  await returnMessages(
    messages.filter(({ messageId }) => failed.has(messageId)),
    failed,
    dependencies,
    respondUntil,
  );
  return batchResponse(failed.keys());
}

/**
 * Sets when messages return to their queue. Without this they would stay hidden until their visibility timeout ends, which covers an invocation that
 * died.
 *
 * @param until moments before which a retry makes no sense, by message id, in ms since the epoch
 * @param respondUntil when to stop, ms since the epoch
 */
export async function returnMessages(
  messages: readonly Message[],
  until: ReadonlyMap<string, number | undefined>,
  { visibility, clock, random }: Pick<ResponseDependencies, 'visibility' | 'clock' | 'random'>,
  respondUntil: number,
): Promise<void> {
  const changes = messages.flatMap(({ messageId, receiptHandle, attributes }) => {
    if (receiptHandle === undefined) return [];
    const receives = Number(attributes?.ApproximateReceiveCount ?? 1);
    const seconds = retryDelaySeconds({ until: until.get(messageId) }, receives, clock.now(), random());
    return [{ receiptHandle, seconds }];
  });
  await visibility.change(changes, clock.signalAt(respondUntil));
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
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
 * Sends records as new messages, so that they spend no receive.
 *
 * @returns the ids of messages whose new message SQS did not accept
 */
async function sendAsNew(records: readonly RecordOfMessage[], queue: QueueSender): Promise<string[]> {
  const messages = records.map(({ candidate }) => ({ body: bodyOf(candidate.landed), attributes: {} }));
  return unsentMessageIds(records, await queue.send(messages));
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
