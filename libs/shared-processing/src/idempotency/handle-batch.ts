import { IdempotencyPersistenceLayerError } from '@aws-lambda-powertools/idempotency';
import { SystemFault } from '../errors/index.ts';
import type { EventLog, Metrics } from '../observability/index.ts';
import {
  type BatchResponse,
  batchResponse,
  deadLetter,
  type DeadLetterContent,
  type Message,
  type QueueSender,
} from '../sqs/index.ts';

/** A part of a message that can never succeed. */
export type Refusal = Omit<DeadLetterContent, 'messageId'>;

export interface BatchDependencies {
  /** Processes a message and returns the parts that it refuses. If it throws, the message returns to the queue. */
  handleMessage: (message: Message) => Promise<Refusal[]>;
  deadLetters: QueueSender;
  log: EventLog;
  metrics: Metrics;
}

/**
 * Processes a batch, message by message. The response names the messages that return to the queue.
 *
 * @throws SystemFault, IdempotencyPersistenceLayerError: then nothing is acknowledged, and the mapping backs off
 */
export async function handleBatch(
  messages: readonly Message[],
  dependencies: BatchDependencies,
): Promise<BatchResponse> {
  const returned: string[] = [];
  for (const message of messages) {
    if (!(await handleOne(message, dependencies))) returned.push(message.messageId);
  }
  dependencies.metrics.count('MessagesDone', messages.length - returned.length);
  dependencies.metrics.count('MessagesReturned', returned.length);
  return batchResponse(returned);
}

async function handleOne(message: Message, dependencies: BatchDependencies): Promise<boolean> {
  const { messageId } = message;
  try {
    const refusals = await dependencies.handleMessage(message);
    return await quarantine(messageId, refusals, dependencies);
  } catch (error) {
    if (error instanceof SystemFault || error instanceof IdempotencyPersistenceLayerError) throw error;
    dependencies.log.warn('message.returned', { messageId, error });
    return false;
  }
}

async function quarantine(
  messageId: string,
  refusals: readonly Refusal[],
  { deadLetters, log }: BatchDependencies,
): Promise<boolean> {
  for (const { reason, detail } of refusals) log.warn('message.quarantined', { messageId, reason, detail });
  const sent = await deadLetters.send(refusals.map((refusal) => deadLetter({ messageId, ...refusal })));
  return sent.every(Boolean);
}
