import { type RetryRules, withRetries } from '../retry/index.ts';

/** A message to send. */
export interface OutgoingMessage {
  body: string;
  attributes: Record<string, string>;
}

/** Sends a batch, in one attempt. Throws CallError if the outcome of the whole batch is unknown. */
export interface SendBatch {
  /** Sends at most 10 messages. Returns for each whether SQS accepted it. */
  (messages: readonly OutgoingMessage[]): Promise<boolean[]>;
}

export interface QueueSender {
  /**
   * Sends messages. Returns for each whether SQS accepted it. If a response is lost, a message may be sent twice. Never throws:
   * the caller keeps the original of an unsent message.
   */
  send(messages: readonly OutgoingMessage[]): Promise<boolean[]>;
}

/** SQS's limits per batch are 10 messages and 1 MiB, which includes attributes and framing. */
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

/** Splits messages into batches within SQS's limits, in order. */
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
