import type { QueueSender } from '@data-aggregator/shared-processing/sqs';
import { type Announcement, messageOf } from './announcements.ts';
import type { Fate } from './fate.ts';
import type { Refusal } from './quarantine.ts';
import { unsentOrigins } from './unsent-origins.ts';

/**
 * Announces again what there was no time to begin, as messages of its own: a message whose work was never begun must
 * not run out of receives.
 *
 * @param queue the one that the announcements came from
 * @returns origins of those that SQS did not take: their messages go back to the queue
 */
export async function announceAgain(
  unstarted: readonly { origin: string; record: unknown }[],
  queue: QueueSender,
): Promise<Set<string>> {
  const messages = unstarted.map(({ record }) => ({ body: messageOf(record), attributes: {} }));
  return unsentOrigins(unstarted, await queue.send(messages));
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
