export interface ReadAheadLimits {
  /** Bytes that may be held for members that are being read or wait for their turn. */
  mostBytes: number;
  /** Members that may be read at once. */
  mostReads: number;
}

/**
 * Reads items ahead of their use, in their order, within limits; an item larger than all bytes allowed is read alone.
 * While the taker works on one, the next are on their way.
 *
 * Whoever stops taking early aborts the reads first; the generator then waits until the last of them has ended.
 */
export async function* readAhead<T extends { size: number }, R>(
  items: readonly T[],
  read: (item: T) => Promise<R>,
  { mostBytes, mostReads }: ReadAheadLimits,
): AsyncGenerator<{ item: T; result: PromiseSettledResult<R> }, void, void> {
  const window: { item: T; settled: Promise<PromiseSettledResult<R>> }[] = [];
  let bytes = 0;
  let next = 0;
  try {
    for (;;) {
      for (let item = items[next]; item !== undefined; item = items[++next]) {
        const full = window.length >= mostReads || bytes + item.size > mostBytes;
        if (full && window.length > 0) break;
        bytes += item.size;
        window.push({ item, settled: settle(read(item)) });
      }
      const [first] = window;
      if (!first) return;
      yield { item: first.item, result: await first.settled };
      window.shift();
      bytes -= first.item.size;
    }
  } finally {
    await Promise.all(window.map(({ settled }) => settled));
  }
}

async function settle<R>(promise: Promise<R>): Promise<PromiseSettledResult<R>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}
