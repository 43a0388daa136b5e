import type { DeadLetters, ReceivedLetter } from './dead-letters.ts';

/**
 * Receives the dead letters, passes them on, and makes those that remain visible again, even if `use` fails.
 *
 * @param max the maximum number of dead letters to receive, rounded up to whole batches
 * @param use gets the dead letters, and whether there may be more; it removes those that it is done with
 */
export async function withAllLetters<R>(
  deadLetters: DeadLetters,
  max: number,
  use: (letters: ReceivedLetter[], remove: DeadLetters['remove'], mayHaveMore: boolean) => Promise<R>,
): Promise<R> {
  const received = new Map<string, ReceivedLetter>();
  try {
    while (received.size < max) {
      const letters = await deadLetters.receive();
      if (letters.length === 0) break;
      for (const letter of letters) received.set(letter.id, letter);
    }
    const remove: DeadLetters['remove'] = async (letters) => {
      const left = await deadLetters.remove(letters);
      for (const letter of letters) if (!left.includes(letter)) received.delete(letter.id);
      return left;
    };
    return await use([...received.values()], remove, received.size >= max);
  } finally {
    await deadLetters.giveBack([...received.values()]);
  }
}
