import { SystemFault } from '@data-aggregator/shared-processing/errors';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { type NotifiedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { inBatches, type QueueSender } from '@data-aggregator/shared-processing/sqs';

export interface RequeueDependencies {
  queue: QueueSender;
  log: EventLog;
  /** Maximum number of batches that are sent concurrently. */
  maxConcurrentSends: number;
}

/**
 * Requeues objects in the form of S3's notifications, one per message. If an object was in progress after all, its claim
 * makes the new message a duplicate, which is dropped.
 *
 * @returns how many messages the queue accepted
 * @throws SystemFault if it accepted none
 */
export async function requeue(
  lost: readonly NotifiedObject[],
  { queue, log, maxConcurrentSends }: RequeueDependencies,
): Promise<number> {
  const messages = lost.map((object) => ({ body: JSON.stringify(toS3Event([object])), attributes: {} }));
  const taken = await mapConcurrently(inBatches(messages), maxConcurrentSends, (batch) => queue.send(batch));
  const requeued = taken.flat().filter(Boolean).length;
  if (lost.length > 0 && requeued === 0) throw new SystemFault('the queue accepts no notifications');
  if (requeued > 0) log.warn('objects.requeued', { objects: requeued, first: lost[0]?.key });
  for (const { key, version, landedAt } of lost) {
    log.debug('object.lost', { key, version, landedAt: new Date(landedAt).toISOString() });
  }
  return requeued;
}
