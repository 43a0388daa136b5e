/** Consecutive bytes of one kind: up to `end` (exclusive) from where the run before ended. */
export interface Run<Kind> {
  kind: Kind;
  end: number;
}

/** Takes a full batch; its bytes are the taker's until the promise resolves. */
export type TakeBatch<Kind> = (bytes: Uint8Array, runs: readonly Run<Kind>[]) => Promise<void>;

export interface WriteCoalescer<Kind> {
  /** Takes bytes; they may be reused when the promise resolves. Throws what `take` threw for an earlier batch. */
  write(bytes: Uint8Array, kind: Kind): Promise<void>;
  /** Hands over what is gathered and waits until all is taken. */
  flush(): Promise<void>;
  /** Waits until nothing is being taken, whatever came of it. */
  settled(): Promise<void>;
}

/**
 * Gathers small writes, so that a thousand small members do not cost a thousand trips to zlib's threads. There are two
 * batches: one fills while the other is being taken. What is at least a batch long is handed over as it is, uncopied.
 *
 * @param batchBytes length of each of the two batches
 */
export function createWriteCoalescer<Kind>(batchBytes: number, take: TakeBatch<Kind>): WriteCoalescer<Kind> {
  let filling = Buffer.allocUnsafeSlow(batchBytes);
  let spare = Buffer.allocUnsafeSlow(batchBytes);
  let runs: Run<Kind>[] = [];
  let used = 0;
  let taking: Promise<void> = Promise.resolve();

  const add = (bytes: Uint8Array, kind: Kind): void => {
    filling.set(bytes, used);
    used += bytes.length;
    const last = runs.at(-1);
    if (last?.kind === kind) last.end = used;
    else runs.push({ kind, end: used });
  };

  /** Resolves when the other batch is free again, not when this one is taken. */
  const handOver = async (): Promise<void> => {
    await taking;
    if (used === 0) return;
    taking = take(filling.subarray(0, used), runs);
    taking.catch(() => undefined); // Heard by the next await of `taking`; until then it is not unhandled.
    [filling, spare] = [spare, filling];
    [runs, used] = [[], 0];
  };

  const flush = async (): Promise<void> => {
    await handOver();
    await taking;
  };

  return {
    async write(bytes, kind) {
      if (bytes.length >= batchBytes) {
        await flush();
        await take(bytes, [{ kind, end: bytes.length }]);
        return;
      }
      const room = Math.min(bytes.length, batchBytes - used);
      if (room > 0) add(bytes.subarray(0, room), kind);
      if (used < batchBytes) return;
      await handOver();
      if (room < bytes.length) add(bytes.subarray(room), kind);
    },
    flush,
    settled: () => taking.catch(() => undefined),
  };
}
