import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { createJsonService, environmentAccess, type ServiceAccess } from '../aws-http/index.ts';
import type { OutgoingMessage, SendBatch } from './queue-sender.ts';

/**
 * Sends to a queue without an SDK client, because most functions rarely send, and a client would slow every start.
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

/** The request for a batch of messages. */
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

/** The part of SQS's response that is used. */
export interface SendBatchOutput {
  Successful?: readonly { Id?: string | undefined }[] | undefined;
}

/** Which messages SQS accepted, according to its response. */
export function acceptedMessages(
  messages: readonly OutgoingMessage[],
  { Successful }: SendBatchOutput,
): boolean[] {
  const taken = new Set(Successful?.map(({ Id }) => Id));
  return messages.map((_, index) => taken.has(String(index)));
}

/** Maximum length of an attribute. */
const MAX_CHARACTERS = 1_000;

/** Characters that XML 1.0, and therefore SQS, forbids. */
// eslint-disable-next-line no-control-regex -- exactly these are meant
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Makes text valid as an attribute: not empty, and without forbidden characters. */
export function attributeText(text: string): string {
  const allowed = text.toWellFormed().replaceAll(FORBIDDEN, '\ufffd');
  return allowed.slice(0, MAX_CHARACTERS).toWellFormed() || '-';
}
