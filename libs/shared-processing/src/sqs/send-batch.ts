import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { createJsonService, environmentAccess, type ServiceAccess } from '../aws-http/index.ts';
import type { OutgoingMessage, SendBatch } from './queue-sender.ts';

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

/** Messages as SQS takes them in one call. */
export function sendBatchInput(
  queueUrl: string,
  messages: readonly OutgoingMessage[],
): SendMessageBatchCommandInput {
  return {
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
  };
}

/** What is read of SQS's answer. */
export interface SendBatchOutput {
  Successful?: readonly { Id?: string | undefined }[] | undefined;
}

/** Which of the messages SQS has taken, by its answer. */
export function acceptedMessages(
  messages: readonly OutgoingMessage[],
  { Successful }: SendBatchOutput,
): boolean[] {
  const taken = new Set(Successful?.map(({ Id }) => Id));
  return messages.map((_, index) => taken.has(String(index)));
}

/** Characters of an attribute that are worth keeping. */
const MAX_CHARACTERS = 1_000;

/** Characters that XML 1.0, and so SQS, forbids. */
// eslint-disable-next-line no-control-regex -- exactly these are meant
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** A text as SQS takes it for an attribute: not empty, and without forbidden characters. */
export function attributeText(text: string): string {
  const allowed = text.toWellFormed().replaceAll(FORBIDDEN, '\ufffd');
  return allowed.slice(0, MAX_CHARACTERS).toWellFormed() || '-';
}
