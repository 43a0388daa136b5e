import { createJsonService, environmentAccess, type ServiceAccess } from '../aws-http/index.ts';
import { type SendBatchOutput, sendBatchInput, acceptedMessages } from './batch-request.ts';
import type { SendBatch } from './queue-sender.ts';

/**
 * Sends to a queue without an SDK client: most functions hardly ever send, and would load a client at each start.
 *
 * @param access by default the function's own, from its environment
 */
export function createSendBatch(
  queueUrl: string,
  access: ServiceAccess = environmentAccess('sqs', () => new URL('/', queueUrl).href),
): SendBatch {
  const sqs = createJsonService({ access, target: 'AmazonSQS', maxSockets: 2 });
  return async (messages) => {
    const { status, document, error } = await sqs<SendBatchOutput>(
      'SendMessageBatch',
      sendBatchInput(queueUrl, messages),
      `SendMessageBatch ${queueUrl}`,
    );
    if (status !== 200) throw error();
    return acceptedMessages(messages, document);
  };
}
