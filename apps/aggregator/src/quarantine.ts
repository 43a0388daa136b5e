import { type Clock, concurrently } from '@data-aggregator/shared-processing/calls';
import { type Ledger, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { QueueSender } from '@data-aggregator/shared-processing/sqs';
import type { Reason } from './fate.ts';
import { unsentOrigins } from './unsent-origins.ts';

export interface QuarantineDependencies {
  deadLetters: QueueSender;
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
  dependencies: QuarantineDependencies,
): Promise<Set<string>> {
  const letters = refusals.map(({ reason, detail, body, origin }) => ({
    body,
    attributes: { reason, detail, messageId: origin },
  }));
  for (const { origin, reason, detail, object } of refusals) {
    const id = object && objectIdOf(object);
    dependencies.log.warn('announcement.quarantined', { messageId: origin, object: id, reason, detail });
  }
  const sent = await dependencies.deadLetters.send(letters);
  await mark(
    refusals.filter((_, index) => sent[index]),
    dependencies,
  );
  return unsentOrigins(refusals, sent);
}

/** Marks at once. */
const MOST_MARKS = 8;

/** Tells the ledger what is among the dead letters, so that who looks for lost files leaves it alone. */
async function mark(refusals: readonly Refusal[], dependencies: QuarantineDependencies): Promise<void> {
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
