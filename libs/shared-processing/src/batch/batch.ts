import { IdempotencyPersistenceLayerError } from '@aws-lambda-powertools/idempotency';
import { SystemFault } from '../calls/index.ts';
import type { EventLog, Metrics } from '../observability/index.ts';
import type { QueueSender } from '../sqs/index.ts';

/** What the function needs to know of an SQS message. */
export interface Message {
  messageId: string;
  body: string;
}

/** Something in a message that no later receive would do better; it goes to the dead-letter queue at once. */
export interface Refusal {
  reason: string;
  detail: string;
  /** A message that this function would take, so that the dead letter can be sent back when its cause is mended. */
  body: string;
}

export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

export interface BatchDependencies {
  /** Does what a message asks for, and returns what of it is refused. A message that throws comes again. */
  handleMessage: (message: Message) => Promise<Refusal[]>;
  deadLetters: QueueSender;
  log: EventLog;
  metrics: Metrics;
}

/**
 * Works through a batch, message by message. The answer names those that must come again.
 *
 * @throws where the fault is the system's: then nothing is acknowledged, and the mapping backs off
 */
export async function handleBatch(
  messages: readonly Message[],
  dependencies: BatchDependencies,
): Promise<BatchResponse> {
  const back: string[] = [];
  for (const message of messages) {
    if (!(await isSettled(message, dependencies))) back.push(message.messageId);
  }
  dependencies.metrics.count('MessagesDone', messages.length - back.length);
  dependencies.metrics.count('MessagesReturned', back.length);
  return { batchItemFailures: back.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function isSettled(message: Message, dependencies: BatchDependencies): Promise<boolean> {
  const { messageId } = message;
  try {
    const refusals = await dependencies.handleMessage(message);
    return await isQuarantined(messageId, refusals, dependencies);
  } catch (error) {
    if (error instanceof SystemFault || error instanceof IdempotencyPersistenceLayerError) throw error;
    dependencies.log.warn('message.returned', { messageId, error });
    return false;
  }
}

async function isQuarantined(
  messageId: string,
  refusals: readonly Refusal[],
  { deadLetters, log }: BatchDependencies,
): Promise<boolean> {
  for (const { reason, detail } of refusals) log.warn('message.quarantined', { messageId, reason, detail });
  const letters = refusals.map(({ reason, detail, body }) => ({
    body,
    attributes: { reason, detail, messageId },
  }));
  const sent = await deadLetters.send(letters);
  return sent.every(Boolean);
}
