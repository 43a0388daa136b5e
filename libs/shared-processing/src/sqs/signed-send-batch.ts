import { createJsonService, serviceAddress } from '../signed-calls/index.ts';
import { type BatchAnswer, batchOf, takenOf } from './batch-request.ts';
import type { SendBatch } from './queue-sender.ts';

/**
 * Sending to a queue without a client of the SDK: for a function that hardly ever sends anything, and would load a
 * client at each start.
 */
export function createSignedSendBatch(queueUrl: string): SendBatch {
  const sqs = createJsonService({
    signingName: 'sqs',
    target: 'AmazonSQS',
    address: () => serviceAddress('sqs', () => new URL('/', queueUrl).href),
    maxSockets: 2,
  });
  return async (messages) => {
    const { status, document, refused } = await sqs<BatchAnswer>(
      'SendMessageBatch',
      batchOf(queueUrl, messages),
      `SendMessageBatch ${queueUrl}`,
    );
    if (status !== 200) throw refused();
    return takenOf(messages, document);
  };
}
