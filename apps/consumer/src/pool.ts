/** Runs work concurrently, with a limit. After a failure, no more work starts. */
export interface Pool {
  /** Waits for a free place and starts the work. @throws what earlier work threw */
  start(work: () => Promise<void>): Promise<void>;
  /** Waits for everything started. */
  settled(): Promise<void>;
  /** Waits for everything started. @throws what work threw */
  drained(): Promise<void>;
}

export function createPool(limit: number): Pool {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const throwIfFailed = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    async start(work) {
      while (running.size >= limit) await Promise.race(running);
      throwIfFailed();
      const task: Promise<void> = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(task));
      running.add(task);
    },
    settled: async () => void (await Promise.all(running)),
    async drained() {
      await Promise.all(running);
      throwIfFailed();
    },
  };
}
