import type { DeadLetters, ReceivedLetter } from './dead-letters.ts';

/**
 * Receives what the dead-letter queue holds, does something with it, and gives back what is still there, at once and
 * whatever happens.
 *
 * @param most letters that are received at most
 * @param use is told the letters, and whether there may be more; it removes from the queue what it is done with
 */
export async function withAllLetters<R>(
  deadLetters: DeadLetters,
  most: number,
  use: (letters: ReceivedLetter[], remove: DeadLetters['remove'], mayBeMore: boolean) => Promise<R>,
): Promise<R> {
  const received = new Map<string, ReceivedLetter>();
  try {
    while (received.size < most) {
      const letters = await deadLetters.receive();
      if (letters.length === 0) break;
      for (const letter of letters) received.set(letter.id, letter);
    }
    const remove: DeadLetters['remove'] = async (letters) => {
      const left = await deadLetters.remove(letters);
      for (const letter of letters) if (!left.includes(letter)) received.delete(letter.id);
      return left;
    };
    return await use([...received.values()], remove, received.size >= most);
  } finally {
    await deadLetters.giveBack([...received.values()]);
  }
}
