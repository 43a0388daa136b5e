import type { RetryRules } from '@data-aggregator/shared-processing/retry';
import { type LedgerTable, unmarkQuarantined } from '@data-aggregator/shared-processing/ledger';
import type { QueueSender } from '@data-aggregator/shared-processing/sqs';
import type { Case } from './case.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface RedriveDependencies extends RetryRules {
  queue: QueueSender;
  table: LedgerTable;
  remove: DeadLetters['remove'];
}

/**
 * Sends a case to the queue once, however many dead letters it has, and then removes them. If it is interrupted in
 * between, the case may be sent again; the ledger still delivers it once.
 *
 * @returns whether it was sent, and the number of dead letters that could not be removed
 */
export async function redrive(
  one: Case,
  dependencies: RedriveDependencies,
): Promise<{ sent: boolean; lettersLeft: number }> {
  const [letter] = one.letters;
  if (!letter) return { sent: false, lettersLeft: 0 };
  // Unmark before sending: a new refusal may write a new mark, which must stay.
  for (const object of one.objects) await unmarkQuarantined(object, dependencies);
  const [sent] = await dependencies.queue.send([{ body: letter.body, attributes: {} }]);
  if (sent !== true) return { sent: false, lettersLeft: one.letters.length };
  const left = await dependencies.remove(one.letters);
  return { sent: true, lettersLeft: left.length };
}
