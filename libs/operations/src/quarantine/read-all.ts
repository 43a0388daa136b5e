import { exit, OpsError } from '../errors/index.ts';
import type { DeadLetters, ReceivedLetter } from './dead-letters.ts';

/**
 * Receives the dead letters, passes them on, and makes those that remain visible again, even if `use` fails.
 *
 * @param max the maximum number of dead letters to receive, rounded up to whole batches
 * @param use gets the dead letters, and whether there may be more; it removes those that it is done with
 * @param signal ends the reading; `use` looks at it itself
 * @throws OpsError if the signal aborts before `use`
 */
export async function withAllLetters<R>(
  deadLetters: DeadLetters,
  max: number,
  use: (letters: ReceivedLetter[], remove: DeadLetters['remove'], mayHaveMore: boolean) => Promise<R>,
  signal?: AbortSignal,
): Promise<R> {
  const received = new Map<string, ReceivedLetter>();
  const work = async (): Promise<R> => {
    const mayHaveMore = await receiveAll(deadLetters, max, received, signal);
    const remove: DeadLetters['remove'] = async (letters) => {
      const left = await deadLetters.remove(letters);
      for (const letter of letters) if (!left.includes(letter)) received.delete(letter.id);
      return left;
    };
    return use([...received.values()], remove, mayHaveMore);
  };
  const giveBack = () => deadLetters.giveBack([...received.values()]);
  let result: R;
  try {
    result = await work();
  } catch (error) {
    // If this fails as well, they become visible after ten minutes; the first error says more.
    await giveBack().catch(() => undefined);
    throw error;
  }
  await giveBack();
  return result;
}

/** @returns whether there may be more */
async function receiveAll(
  deadLetters: DeadLetters,
  max: number,
  received: Map<string, ReceivedLetter>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  while (received.size < max) {
    if (signal?.aborted) throw new OpsError('Stopped while reading dead letters.', exit.later);
    const letters = await deadLetters.receive();
    if (letters.length === 0) return false;
    const before = received.size;
    for (const letter of letters) received.set(letter.id, letter);
    // The first ones have become visible again: as fast as they do, this could go on forever.
    if (received.size === before) return true;
  }
  return true;
}
