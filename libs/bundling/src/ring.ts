/** Memory of a fixed size, lent piece by piece and given back in the order in which it was lent. */
export interface Ring {
  /**
   * Lends so many bytes, or nothing while there is no room for them. What is more than the whole ring is lent, as memory
   * of its own, when nothing else is.
   */
  allocate(size: number): Uint8Array | undefined;
  /** Takes back the piece that was lent first. */
  release(): void;
}

/**
 * A ring over one piece of memory, for which the system finds pages only as far as they are used: what is read ahead lies
 * where what is done with lay, and no garbage collection is called for. A piece never wraps around:
 *
 * ```
 *   lent first ↓         ↓ lent next           lent next ↓       ↓ lent first
 * │     free   ███████████    free   │       │ ███████████  free ███████ unused │
 * ```
 */
export function createRing(bytes: number): Ring {
  let memory: Buffer | undefined;
  /** Pieces that are lent, the first of them first. */
  const lent: { start: number; end: number }[] = [];

  const startOf = (size: number): number | undefined => {
    const first = lent[0];
    const last = lent.at(-1);
    if (!first || !last) return 0;
    if (last.end <= first.start) return last.end + size <= first.start ? last.end : undefined;
    if (last.end + size <= bytes) return last.end;
    return size <= first.start ? 0 : undefined;
  };

  return {
    allocate(size) {
      // An empty piece has its place too, so that a full ring is not taken for an empty one.
      const length = Math.max(size, 1);
      if (length > bytes) {
        if (lent.length > 0) return undefined;
        lent.push({ start: 0, end: bytes });
        return Buffer.allocUnsafeSlow(size);
      }
      const start = startOf(length);
      if (start === undefined) return undefined;
      memory ??= Buffer.allocUnsafeSlow(bytes);
      lent.push({ start, end: start + length });
      return memory.subarray(start, start + size);
    },
    release: () => void lent.shift(),
  };
}
