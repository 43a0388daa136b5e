import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { parseNotification } from '@data-aggregator/shared-processing/s3-event';
import { call } from './call.ts';

/** A message of the ready queue. */
export interface ReadyMessage {
  receiptHandle: string;
  /** The bundles that it names; empty for S3's test event; undefined if it cannot be read. */
  keys: string[] | undefined;
  /** How often it was received, this time included. */
  receives: number;
}

/** The queue that says which bundles are ready. Every call is one attempt and throws CallError. */
export interface ReadyQueue {
  /** Waits up to `waitSeconds` for at most ten messages. */
  receive(waitSeconds: number, signal: AbortSignal): Promise<ReadyMessage[]>;
  /** Deletes messages, at most ten. */
  acknowledge(messages: readonly ReadyMessage[]): Promise<void>;
  /** Hides messages for another `seconds`, at most ten messages. 0 returns them to the queue. */
  hide(messages: readonly ReadyMessage[], seconds: number): Promise<void>;
}

/** How long a received message stays hidden if its consumer dies. */
export const HIDDEN_SECONDS = 120;
/** How often the visibility timeout of a bundle in progress is renewed. */
export const RENEW_MS = 40_000;

export function createReadyQueue(sqs: SQSClient, url: string, distribution: string): ReadyQueue {
  return {
    async receive(waitSeconds, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const { Messages = [] } = await call(`ReceiveMessage ${url}`, () =>
        sqs.send(command, { abortSignal: signal }),
      );
      return Messages.map((message) => readyMessage(message, distribution));
    },
    async acknowledge(messages) {
      const Entries = messages.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
      }));
      // A message that SQS does not delete comes back, and is acknowledged then.
      await call(`DeleteMessageBatch ${url}`, () =>
        sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries })),
      );
    },
    async hide(messages, seconds) {
      const Entries = messages.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }));
      await call(`ChangeMessageVisibilityBatch ${url}`, () =>
        sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries })),
      );
    },
  };
}

function readyMessage({ ReceiptHandle = '', Body = '', Attributes }: Message, bucket: string): ReadyMessage {
  return {
    receiptHandle: ReceiptHandle,
    keys: keysIn(Body, bucket),
    receives: Number(Attributes?.ApproximateReceiveCount ?? 1),
  };
}

/** The keys in a notification about the distribution bucket. */
export function keysIn(body: string, bucket: string): string[] | undefined {
  const notification = parseNotification(body);
  if (notification.kind === 'test-event') return [];
  if (notification.kind !== 'records') return undefined;
  const keys: string[] = [];
  for (const record of notification.records) {
    if (record.kind !== 'landed' || record.landed.bucket !== bucket) return undefined;
    keys.push(record.landed.key);
  }
  return keys;
}
