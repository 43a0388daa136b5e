import type { Ring } from './ring.ts';

export interface ReadAheadLimits {
  /** Memory of members that are being read or wait for their turn. */
  ring: Ring;
  /** Members that may be read at once. */
  maxReads: number;
}

/**
 * Reads items ahead of their use, in their order, as far as memory reaches. While the taker works on one, the next are on
 * their way. What was read lies in the ring, and is the taker's until it asks for the next.
 *
 * Whoever stops taking early aborts the reads first; the generator then waits until the last of them has ended.
 */
export async function* readAhead<T extends { size: number }, R>(
  items: readonly T[],
  read: (item: T, memory: Uint8Array) => Promise<R>,
  { ring, maxReads }: ReadAheadLimits,
): AsyncGenerator<{ item: T; result: PromiseSettledResult<R> }, void, void> {
  const window: { item: T; settled: Promise<PromiseSettledResult<R>> }[] = [];
  let next = 0;
  try {
    for (;;) {
      for (let item = items[next]; item !== undefined && window.length < maxReads; item = items[++next]) {
        const memory = ring.allocate(item.size);
        if (!memory) break;
        window.push({ item, settled: settle(read(item, memory)) });
      }
      const [first] = window;
      if (!first) {
        if (next < items.length) throw new Error('the memory to read into is lent to somebody else');
        return;
      }
      yield { item: first.item, result: await first.settled };
      window.shift();
      ring.release();
    }
  } finally {
    await Promise.all(window.map(({ settled }) => settled));
    for (const _ of window) ring.release();
  }
}

async function settle<R>(promise: Promise<R>): Promise<PromiseSettledResult<R>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}
