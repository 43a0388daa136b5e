import { type RetryRules, withRetries } from '../retry/index.ts';

/** A message to be sent: a body that its receiver understands, and what is to be known of it beside. */
export interface OutgoingMessage {
  body: string;
  attributes: Record<string, string>;
}

/** The one thing that is asked of SQS. One attempt; throws CallError where nothing of the batch is known. */
export interface SendBatch {
  /** Sends at most 10 messages; returns for each whether SQS has taken it. */
  (messages: readonly OutgoingMessage[]): Promise<boolean[]>;
}

export interface QueueSender {
  /**
   * Sends messages; returns for each whether SQS has it. A message may be sent twice where an answer was lost. Never
   * throws: who sends has the original and keeps it.
   */
  send(messages: readonly OutgoingMessage[]): Promise<boolean[]>;
}

/** Messages of a batch and bytes of it: SQS's limits are 10 and 1 MiB; attributes and framing take some of it. */
const MAX_MESSAGES = 10;
const MAX_BYTES = 900_000;

export function createQueueSender(
  sendBatch: SendBatch,
  rules: RetryRules & { onError: (error: unknown) => void },
): QueueSender {
  return {
    async send(messages) {
      const sent: boolean[] = [];
      for (const batch of inBatches(messages)) {
        try {
          sent.push(...(await withRetries(() => sendBatch(batch), rules)));
        } catch (error) {
          rules.onError(error);
          sent.push(...batch.map(() => false));
        }
      }
      return sent;
    },
  };
}

/** Splits messages into batches that SQS takes, in their order. */
export function inBatches(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body) + Buffer.byteLength(JSON.stringify(message.attributes));
    if (batch.length === MAX_MESSAGES || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
