import { type Clock, concurrently } from '@data-aggregator/shared-processing/calls';
import type { Ledger } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { QueueSender } from '@data-aggregator/shared-processing/sqs';
import { type Announcement, messageOf } from './announcements.ts';
import type { Fate, Reason } from './fate.ts';

export interface SettleDependencies {
  deadLetters: QueueSender;
  /** The queue that the announcements came from. */
  queue: QueueSender;
  log: EventLog;
  clock: Clock;
  ledger: Pick<Ledger, 'quarantine'>;
  /** How long quarantine marks are kept, in ms. */
  claimRetentionMs: number;
}

/** An announcement that can never end in a bundle, with what its dead letter says. */
export interface Refusal {
  origin: string;
  reason: Reason;
  detail: string;
  body: string;
  /** The object version it is about, where that can be told. */
  object?: ObjectVersion;
}

/**
 * Sends refused announcements to the dead-letter queue, at once: no receive of theirs would go better. The body is one
 * that the function takes, so that a dead letter can be sent back as it is when its cause is mended.
 *
 * @returns origins of those that SQS did not take: their messages go back to the queue
 */
export async function quarantine(
  refusals: readonly Refusal[],
  dependencies: SettleDependencies,
): Promise<Set<string>> {
  const letters = refusals.map(({ reason, detail, body, origin }) => ({
    body,
    attributes: { reason, detail, messageId: origin },
  }));
  for (const { origin, reason, detail } of refusals) {
    dependencies.log.warn('announcement.quarantined', { messageId: origin, reason, detail });
  }
  const sent = await dependencies.deadLetters.send(letters);
  await mark(
    refusals.filter((_, index) => sent[index]),
    dependencies,
  );
  return originsOf(refusals, sent);
}

/** Marks at once. */
const MOST_MARKS = 8;

/** Tells the ledger what is among the dead letters, so that who looks for lost files leaves it alone. */
async function mark(refusals: readonly Refusal[], dependencies: SettleDependencies): Promise<void> {
  const { ledger, log, clock, claimRetentionMs } = dependencies;
  const expires = Math.ceil((clock.now() + claimRetentionMs) / 1000);
  await concurrently(refusals, MOST_MARKS, async ({ object, reason }) => {
    if (!object) return;
    try {
      await ledger.quarantine(object, reason, expires);
    } catch (error) {
      // Without its mark it may be announced, and quarantined, once more.
      log.warn('quarantine.unmarked', { reason, error });
    }
  });
}

/**
 * Announces again what there was no time to begin, as messages of its own: a message whose work was never begun must
 * not run out of receives.
 *
 * @returns origins of those that SQS did not take: their messages go back to the queue
 */
export async function announceAgain(
  unstarted: readonly { origin: string; record: unknown }[],
  dependencies: SettleDependencies,
): Promise<Set<string>> {
  const messages = unstarted.map(({ record }) => ({ body: messageOf(record), attributes: {} }));
  return originsOf(unstarted, await dependencies.queue.send(messages));
}

/** What is to be done with announcements that were candidates, now that their fates are known. */
export interface Settlement {
  refusals: Refusal[];
  unstarted: { origin: string; record: unknown }[];
  /** Origins whose messages go back to the queue. */
  back: Set<string>;
}

/** An announcement without a fate goes back: it fails closed. */
export function settlementOf(
  announcements: readonly Announcement[],
  fates: ReadonlyMap<string, Fate>,
): Settlement {
  const settlement: Settlement = { refusals: [], unstarted: [], back: new Set() };
  const announced = new Set<string>();
  for (const announcement of announcements) {
    if (announcement.kind !== 'candidate') continue;
    const { origin, candidate } = announcement;
    const isFirst = !announced.has(candidate.id);
    announced.add(candidate.id);
    const fate = fates.get(candidate.id);
    switch (fate?.kind) {
      case 'bundled':
      case 'duplicate':
        break;
      case 'refused':
        if (isFirst)
          settlement.refusals.push({
            ...fate,
            origin,
            body: messageOf(candidate.landed.record),
            object: candidate.landed,
          });
        break;
      case 'unstarted':
        if (isFirst) settlement.unstarted.push({ origin, record: candidate.landed.record });
        break;
      case 'retry':
      case undefined:
        settlement.back.add(origin);
    }
  }
  return settlement;
}

/** Origins of the messages that SQS has not taken. */
function originsOf(messages: readonly { origin: string }[], sent: readonly boolean[]): Set<string> {
  return new Set(messages.filter((_, index) => sent[index] !== true).map(({ origin }) => origin));
}
