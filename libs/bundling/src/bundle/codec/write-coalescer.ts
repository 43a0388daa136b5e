/** Consecutive bytes of one kind, from the end of the previous run to `end` (exclusive). */
export interface Run<Kind> {
  kind: Kind;
  end: number;
}

/** Processes a batch. It may use the bytes until its promise resolves. */
export type TakeBatch<Kind> = (bytes: Uint8Array, runs: readonly Run<Kind>[]) => Promise<void>;

export interface WriteCoalescer<Kind> {
  /** Adds bytes. The caller may reuse them once the promise resolves. Throws the error of an earlier batch. */
  write(bytes: Uint8Array, kind: Kind): Promise<void>;
  /** Passes on the bytes gathered so far, and waits until all batches are processed. */
  flush(): Promise<void>;
  /** Waits until no batch is being processed. Ignores errors. */
  settled(): Promise<void>;
}

/**
 * Coalesces small writes, so that a thousand small members do not cost a thousand calls to zlib's threads. Of its two
 * batches, one fills while the other is processed. Writes of at least one batch are passed on without a copy.
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

  /** Resolves once the other batch is free again, not once this one is processed. */
  const handOver = async (): Promise<void> => {
    await taking;
    if (used === 0) return;
    taking = take(filling.subarray(0, used), runs);
    taking.catch(() => undefined); // The next await of `taking` reports it; until then it must not count as unhandled.
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
