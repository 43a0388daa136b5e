import { classify, type Compressibility } from './compressibility.ts';

/** Bytes between two classifications of a content, which may change. Doubles while the result stays the same. */
const FIRST_INTERVAL = 256 * 1024;
const LAST_INTERVAL = 2 * 1024 * 1024;

export interface CompressibilityTracker {
  /** Starts a new member. Earlier content does not predict its own. */
  reset(): void;
  /** Returns how to treat the next chunk of the member's content. */
  next(bytes: Uint8Array): Compressibility;
}

/** Classifies a content at its start and periodically after that. Until it is classified, it counts as compressible. */
export function createCompressibilityTracker(look = classify): CompressibilityTracker {
  let verdict: Compressibility = 'compressible';
  let interval = FIRST_INTERVAL;
  let untilNextLook = 0;
  return {
    reset() {
      verdict = 'compressible';
      interval = FIRST_INTERVAL;
      untilNextLook = 0;
    },
    next(bytes) {
      if (untilNextLook <= 0) {
        const seen = look(bytes);
        if (seen === undefined) return verdict;
        interval = seen === verdict ? Math.min(2 * interval, LAST_INTERVAL) : FIRST_INTERVAL;
        verdict = seen;
        untilNextLook = interval;
      }
      untilNextLook -= bytes.length;
      return verdict;
    },
  };
}
