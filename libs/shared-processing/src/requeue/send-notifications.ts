import { mapConcurrently } from '../retry/index.ts';
import { type NotifiedObject, toS3Event } from '../s3-event/index.ts';
import { inBatches, type QueueSender } from '../sqs/index.ts';

export interface SendNotificationsDependencies {
  queue: QueueSender;
  /** Maximum number of batches that are sent concurrently. */
  maxConcurrentSends: number;
}

/**
 * Sends objects to the aggregator's queue in the form of S3's notifications, one per message. If an object was in progress
 * after all, its claim makes the new message a duplicate, which is dropped.
 *
 * @returns for each object whether the queue accepted its message
 */
export async function sendNotifications(
  objects: readonly NotifiedObject[],
  { queue, maxConcurrentSends }: SendNotificationsDependencies,
): Promise<boolean[]> {
  const messages = objects.map((object) => ({ body: JSON.stringify(toS3Event([object])), attributes: {} }));
  const accepted = await mapConcurrently(inBatches(messages), maxConcurrentSends, (batch) =>
    queue.send(batch),
  );
  return accepted.flat();
}
