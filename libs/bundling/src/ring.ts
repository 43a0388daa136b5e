/** Memory of a fixed size, allocated in pieces and released in the order of allocation. */
export interface Ring {
  /**
   * Allocates a piece; undefined while there is no room. A piece larger than the ring gets separate memory, once nothing else is
   * allocated.
   */
  allocate(size: number): Uint8Array | undefined;
  /** Releases the oldest piece. */
  release(): void;
}

/**
 * A ring over one block of memory; the system provides its pages only as they are used. Reading ahead reuses the memory of finished
 * members, so it triggers no garbage collection. A piece never wraps around:
 *
 * ```
 *     oldest ↓         ↓ next piece         next piece ↓       ↓ oldest
 * │     free   ███████████    free   │       │ ███████████  free ███████ unused │
 * ```
 */
export function createRing(bytes: number): Ring {
  let memory: Buffer | undefined;
  /** Allocated pieces, oldest first. */
  const pieces: { start: number; end: number }[] = [];

  const startOf = (size: number): number | undefined => {
    const first = pieces[0];
    const last = pieces.at(-1);
    if (!first || !last) return 0;
    if (last.end <= first.start) return last.end + size <= first.start ? last.end : undefined;
    if (last.end + size <= bytes) return last.end;
    return size <= first.start ? 0 : undefined;
  };

  return {
    allocate(size) {
      // An empty piece takes a byte, so that a full ring differs from an empty one.
      const length = Math.max(size, 1);
      if (length > bytes) {
        if (pieces.length > 0) return undefined;
        pieces.push({ start: 0, end: bytes });
        return Buffer.allocUnsafeSlow(size);
      }
      const start = startOf(length);
      if (start === undefined) return undefined;
      memory ??= Buffer.allocUnsafeSlow(bytes);
      pieces.push({ start, end: start + length });
      return memory.subarray(start, start + size);
    },
    release: () => void pieces.shift(),
  };
}
