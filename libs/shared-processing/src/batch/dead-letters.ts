import { systemClock } from '../calls/index.ts';
import { url } from '../config/index.ts';
import type { EventLog } from '../observability/index.ts';
import { createQueueSender, createSendBatch, createSqsClient, type QueueSender } from '../sqs/index.ts';

/** The environment variable of a function that has a dead-letter queue. */
export const deadLetterVariables = { DEAD_LETTER_QUEUE_URL: url() };

/** Sends to a function's dead-letter queue. What cannot be sent is logged and comes again, with the message it was in. */
export function createDeadLetters(queueUrl: string, log: EventLog): QueueSender {
  return createQueueSender(createSendBatch(createSqsClient(), queueUrl), {
    clock: systemClock,
    random: Math.random,
    onError: (error) => log.error('dead-letters.unreachable', { error }),
  });
}
