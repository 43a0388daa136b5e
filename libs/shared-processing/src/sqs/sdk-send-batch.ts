import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SHORT_CALLS, toCallError } from '../calls/index.ts';
import { batchOf, takenOf } from './batch-request.ts';
import type { SendBatch } from './queue-sender.ts';

/** An SQS client whose retries are the sender's own. */
export function createSqsClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: SHORT_CALLS.connectionMs,
      requestTimeout: SHORT_CALLS.answerMs,
      throwOnRequestTimeout: true,
    },
  });
}

/** Sending to a queue over the AWS SDK. */
export function createSendBatch(client: SQSClient, queueUrl: string): SendBatch {
  return async (messages) => {
    const command = new SendMessageBatchCommand(batchOf(queueUrl, messages));
    const answer = await client.send(command).catch((error: unknown) => {
      throw toCallError(`SendMessageBatch ${queueUrl}`, error);
    });
    return takenOf(messages, answer);
  };
}
