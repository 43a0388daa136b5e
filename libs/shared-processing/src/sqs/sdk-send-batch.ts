import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { toCallError } from '../calls/index.ts';
import type { SendBatch } from './queue-sender.ts';

/** An SQS client whose retries are the sender's own. */
export function createSqsClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/** Sending to a queue over the AWS SDK. */
export function createSendBatch(client: SQSClient, queueUrl: string): SendBatch {
  return async (messages) => {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map(({ body, attributes }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: attributeText(value) },
          ]),
        ),
      })),
    });
    const answer = await client.send(command).catch((error: unknown) => {
      throw toCallError(`SendMessageBatch ${queueUrl}`, error);
    });
    const taken = new Set(answer.Successful?.map(({ Id }) => Id));
    return messages.map((_, index) => taken.has(String(index)));
  };
}

/** Characters of an attribute that are worth keeping. */
const MOST_CHARACTERS = 1_000;

/** Characters that XML 1.0, and so SQS, forbids. */
// eslint-disable-next-line no-control-regex -- exactly these are meant
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** A text as SQS takes it for an attribute: not empty, and without forbidden characters. */
export function attributeText(text: string): string {
  const allowed = text.toWellFormed().replaceAll(FORBIDDEN, '\ufffd');
  return allowed.slice(0, MOST_CHARACTERS).toWellFormed() || '-';
}
