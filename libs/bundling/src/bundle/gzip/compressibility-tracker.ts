import { classify, type Compressibility } from './compressibility.ts';

/** Bytes after which a content is looked at again; doubled while the verdict stays, since a body may change nature. */
const FIRST_INTERVAL = 256 * 1024;
const LAST_INTERVAL = 2 * 1024 * 1024;

export interface CompressibilityTracker {
  /** A new member begins: its content says nothing of the one before. */
  reset(): void;
  /** The next chunk of the member's content, and how it is to be treated. */
  next(bytes: Uint8Array): Compressibility;
}

/** Decides a content's nature from its start, and again now and then. What nobody can tell yet is deflated. */
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
