import { SystemFault } from '@data-aggregator/shared-processing/errors';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { type NotifiedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { inBatches, type QueueSender } from '@data-aggregator/shared-processing/sqs';

export interface AnnounceDependencies {
  queue: QueueSender;
  log: EventLog;
  /** Batches on their way at once. */
  maxConcurrentSends: number;
}

/**
 * Announces objects as S3 did when they landed, one a message. One that is announced although it was under way is
 * dropped as a duplicate by its claim.
 *
 * @returns how many the queue took
 * @throws SystemFault where it took none
 */
export async function announce(
  lost: readonly NotifiedObject[],
  { queue, log, maxConcurrentSends }: AnnounceDependencies,
): Promise<number> {
  const messages = lost.map((object) => ({ body: JSON.stringify(toS3Event([object])), attributes: {} }));
  const taken = await mapConcurrently(inBatches(messages), maxConcurrentSends, (batch) => queue.send(batch));
  const announced = taken.flat().filter(Boolean).length;
  if (lost.length > 0 && announced === 0) throw new SystemFault('the queue takes no announcements');
  if (announced > 0) log.warn('objects.announced-again', { objects: announced, first: lost[0]?.key });
  for (const { key, version, landedAt } of lost) {
    log.debug('object.lost', { key, version, landedAt: new Date(landedAt).toISOString() });
  }
  return announced;
}
