import { SystemFault } from '@data-aggregator/shared-processing/errors';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { type NotifiedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { inBatches, type QueueSender } from '@data-aggregator/shared-processing/sqs';

export interface RequeueDependencies {
  queue: QueueSender;
  log: EventLog;
  /** Batches on their way at once. */
  maxConcurrentSends: number;
}

/**
 * Requeues objects as S3 did when they landed, one a message. One that is requeued although it was under way is
 * dropped as a duplicate by its claim.
 *
 * @returns how many the queue took
 * @throws SystemFault where it took none
 */
export async function requeue(
  lost: readonly NotifiedObject[],
  { queue, log, maxConcurrentSends }: RequeueDependencies,
): Promise<number> {
  const messages = lost.map((object) => ({ body: JSON.stringify(toS3Event([object])), attributes: {} }));
  const taken = await mapConcurrently(inBatches(messages), maxConcurrentSends, (batch) => queue.send(batch));
  const requeued = taken.flat().filter(Boolean).length;
  if (lost.length > 0 && requeued === 0) throw new SystemFault('the queue takes no notifications');
  if (requeued > 0) log.warn('objects.requeued', { objects: requeued, first: lost[0]?.key });
  for (const { key, version, landedAt } of lost) {
    log.debug('object.lost', { key, version, landedAt: new Date(landedAt).toISOString() });
  }
  return requeued;
}
