import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import type { OutgoingMessage } from './queue-sender.ts';

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
