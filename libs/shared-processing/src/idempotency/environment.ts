import { systemClock } from '../retry/index.ts';
import { type Config, int, text, url } from '../config/index.ts';
import { createLedgerTable, type LedgerTable } from '../ledger/index.ts';
import type { EventLog } from '../observability/index.ts';
import { createQueueSender, createSendBatch, type QueueSender } from '../sqs/index.ts';

/** The environment variables of a function whose work is idempotent. */
export const idempotencyVariables = {
  LEDGER_TABLE: text('the name of a table'),
  CLAIM_RETENTION_DAYS: int({ min: 1, max: 3650 }),
};

/** The ledger's table, for a function that processes messages sequentially. */
export function idempotencyTable({ LEDGER_TABLE }: Config<typeof idempotencyVariables>): LedgerTable {
  return createLedgerTable(LEDGER_TABLE, { maxSockets: 4 });
}

/** The environment variable of a function that has a dead-letter queue. */
export const deadLetterVariables = { DEAD_LETTER_QUEUE_URL: url() };

/**
 * Creates a sender for a function's dead-letter queue. A dead letter that cannot be sent is logged, and its message
 * returns to the source queue.
 */
export function createDeadLetters(queueUrl: string, log: EventLog): QueueSender {
  return createQueueSender(createSendBatch(queueUrl), {
    clock: systemClock,
    random: Math.random,
    onError: (error) => log.error('dead-letters.unreachable', { error }),
  });
}
