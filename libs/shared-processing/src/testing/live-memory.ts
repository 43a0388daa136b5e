import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** Collects garbage at once. */
export const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Memory of this process that is still in use, in bytes: JavaScript objects and buffers. Collects garbage first, so
 * that the result does not depend on when V8 would do so, as the resident set does.
 */
export function liveMemory(): number {
  // V8 frees buffers in the background; the second collection waits for that.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
