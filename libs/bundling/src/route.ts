import type { Candidate } from './outcome.ts';

/**
 * The slowest stream to expect of a function with 512 MB, in bytes per ms: text at a third of a core. A measured speed replaces it, and if
 * that was too optimistic for some object, its first failure sends it the other way.
 */
const FIRST_BYTES_PER_MS = 10_000;
/** Share of the time left that a stream may be expected to take. */
const SAFE_SHARE = 2 / 3;
/** Bundles below this size say little about the speed. */
const MIN_MEASURED_BYTES = 32 * 1024 ** 2;

export interface RouteOptions {
  /** Smaller objects have too few bytes for the parts of a copy. */
  minCopiedBytes: number;
  /** Objects above this size cannot be streamed, because their bundle would need too many parts. */
  maxStreamedBytes: number;
  /** If set, it alone decides: objects above this size are copied, all others streamed. */
  copyAboveBytes?: number | undefined;
}

/** Decides whether a large object is streamed through the function or copied within S3. */
export interface Routes {
  /** @param msLeft time to build the bundle; Infinity to judge by the object's size and failures alone */
  isCopied(candidate: Candidate, msLeft: number): boolean;
  /** Records how long a bundle took that was streamed. */
  learn(bytes: number, ms: number): void;
}

export function createRoutes({ minCopiedBytes, maxStreamedBytes, copyAboveBytes }: RouteOptions): Routes {
  let bytesPerMs = FIRST_BYTES_PER_MS;
  return {
    isCopied({ size, lastFailure }, msLeft) {
      if (size < minCopiedBytes) return false;
      if (size > maxStreamedBytes) return true;
      if (copyAboveBytes !== undefined) return size > copyAboveBytes;
      // A corrupted body is read again, because a copy may leave nothing to verify it by.
      if (lastFailure === 'too-slow' || lastFailure === 'builder-died') return true;
      return size / bytesPerMs > msLeft * SAFE_SHARE;
    },
    learn(bytes, ms) {
      // The clock may have been set back meanwhile.
      if (bytes >= MIN_MEASURED_BYTES && ms > 0) bytesPerMs = bytes / ms;
    },
  };
}
