/** Memory that one spool after another uses: it is found once, and no garbage collection is called for. */
export interface SpoolMemory {
  /** The memory, or nothing while another spool has it. */
  acquire(): Buffer | undefined;
  release(): void;
}

/** The system finds pages for it only as far as they are used. */
export function createSpoolMemory(bytes: number): SpoolMemory {
  let memory: Buffer | undefined;
  let isTaken = false;
  return {
    acquire() {
      if (isTaken) return undefined;
      isTaken = true;
      return (memory ??= Buffer.allocUnsafeSlow(bytes));
    },
    release() {
      isTaken = false;
    },
  };
}
