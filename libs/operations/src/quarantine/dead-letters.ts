import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { toCallError } from '@data-aggregator/shared-processing/errors';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import { batchesOf } from '@data-aggregator/shared-processing/sqs';

/** A message received from the dead-letter queue. */
export interface ReceivedLetter {
  id: string;
  /** Receipt handle, valid until the message is received again. */
  handle: string;
  body: string;
  attributes: Record<string, string>;
  /** When it was first sent, ms since the epoch. */
  sentAt: number;
}

/** The dead-letter queue. Calls are retried if that is safe, and throw CallError. */
export interface DeadLetters {
  /** Receives up to 10 messages (of each queue), which stay hidden for ten minutes; none if there are no more. */
  receive(): Promise<ReceivedLetter[]>;
  /** Makes messages visible again immediately. A reading ends with it. */
  giveBack(letters: readonly ReceivedLetter[]): Promise<void>;
  /** Deletes messages. @returns those that SQS does not confirm as deleted */
  remove(letters: readonly ReceivedLetter[]): Promise<ReceivedLetter[]>;
}

/** Visibility timeout of received messages: long enough to read a full queue. */
const HIDDEN_SECONDS = 600;
/** With any wait, SQS queries all its servers, so that an empty response means an empty queue. */
const WAIT_SECONDS = 1;
const MAX_CONCURRENT = 10;

/** The dead-letter queue over the AWS SDK. */
export function createDeadLetters(client: SQSClient, queueUrl: string, rules: RetryRules): DeadLetters {
  const call = <R>(what: string, send: () => Promise<R>) =>
    withRetries(() => send().catch((error: unknown) => Promise.reject(toCallError(what, error))), rules);

  return {
    async receive() {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MAX_CONCURRENT,
        WaitTimeSeconds: WAIT_SECONDS,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await call('ReceiveMessage', () => client.send(command));
      return Messages.map(toLetter);
    },

    async giveBack(letters) {
      for (const part of batchesOf(letters)) {
        const Entries = part.map(({ handle }, index) => ({
          Id: String(index),
          ReceiptHandle: handle,
          VisibilityTimeout: 0,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
        await call('ChangeMessageVisibilityBatch', () => client.send(command));
      }
    },

    async remove(letters) {
      const left: ReceivedLetter[] = [];
      for (const part of batchesOf(letters)) {
        const Entries = part.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle }));
        const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
        const { Successful = [] } = await call('DeleteMessageBatch', () => client.send(command));
        const removed = new Set(Successful.map(({ Id }) => Id));
        left.push(...part.filter((_, index) => !removed.has(String(index))));
      }
      return left;
    },
  };
}

/** Several dead-letter queues as one. */
export function joinDeadLetters(queues: readonly DeadLetters[]): DeadLetters {
  const queueOf = new WeakMap<ReceivedLetter, DeadLetters>();
  /** Queues that were empty in this reading: asking one again costs a wait for each ten messages of the others. */
  const empty = new Set<DeadLetters>();
  const ofQueue = (queue: DeadLetters, letters: readonly ReceivedLetter[]) =>
    letters.filter((letter) => queueOf.get(letter) === queue);
  const giveBack = async (letters: readonly ReceivedLetter[]): Promise<void> => {
    const answers = await Promise.allSettled(queues.map((queue) => queue.giveBack(ofQueue(queue, letters))));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  };
  return {
    async receive() {
      const asked = queues.filter((queue) => !empty.has(queue));
      const answers = await Promise.allSettled(asked.map((queue) => queue.receive()));
      const received = answers.flatMap((answer, index) => {
        const queue = asked[index];
        if (answer.status === 'rejected' || !queue) return [];
        if (answer.value.length === 0) empty.add(queue);
        for (const letter of answer.value) queueOf.set(letter, queue);
        return answer.value;
      });
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (!failed) return received;
      // If this fails as well, they become visible after ten minutes; the first error says more.
      await giveBack(received).catch(() => undefined);
      throw failed.reason;
    },
    async giveBack(letters) {
      empty.clear();
      await giveBack(letters);
    },
    async remove(letters) {
      const left: ReceivedLetter[] = [];
      for (const queue of queues) left.push(...(await queue.remove(ofQueue(queue, letters))));
      return left;
    },
  };
}

function toLetter(message: Message): ReceivedLetter {
  return {
    id: message.MessageId ?? '',
    handle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
        name,
        StringValue ?? '',
      ]),
    ),
    sentAt: Number(message.Attributes?.SentTimestamp ?? 0),
  };
}
