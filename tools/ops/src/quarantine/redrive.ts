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
 * Sends a case back to the queue, once however many letters there are, and removes its letters after. What is
 * interrupted in between is sent twice, and delivered once.
 *
 * @returns whether the queue took it, and how many letters could not be removed
 */
export async function redrive(
  one: Case,
  dependencies: RedriveDependencies,
): Promise<{ sent: boolean; lettersLeft: number }> {
  const [letter] = one.letters;
  if (!letter) return { sent: false, lettersLeft: 0 };
  // First, so that no mark is taken away that a new refusal has left; from here on it is to be found again.
  for (const object of one.objects) await unmarkQuarantined(object, dependencies);
  const [sent] = await dependencies.queue.send([{ body: letter.body, attributes: {} }]);
  if (sent !== true) return { sent: false, lettersLeft: one.letters.length };
  const left = await dependencies.remove(one.letters);
  return { sent: true, lettersLeft: left.length };
}
