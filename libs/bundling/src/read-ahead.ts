import type { Ring } from './ring.ts';

export interface ReadAheadLimits {
  /** Memory for members that are being read or wait for their turn. */
  ring: Ring;
  /** Concurrent reads. */
  maxReads: number;
}

/**
 * Reads items ahead of their use, in order, as far as memory allows. While the caller works on one, the next ones are being read. The
 * content lies in the ring and is valid until the caller requests the next item.
 *
 * A caller that stops early must abort the reads first; the generator then waits until they have ended.
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
        if (next < items.length) throw new Error('the read buffer is still in use by another batch');
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
