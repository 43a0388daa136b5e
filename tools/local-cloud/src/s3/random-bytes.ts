import { randomFillSync } from 'node:crypto';

const POOL = Buffer.allocUnsafeSlow(8192);
let used = POOL.length;

/**
 * Random bytes for ids, valid until the next call. They are drawn in bulk, because a call of Node's `randomBytes` takes ten times as
 * long as the few bytes of an id.
 *
 * @param count at most 8192
 */
export function randomIdBytes(count: number): Buffer {
  if (used + count > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += count;
  return POOL.subarray(used - count, used);
}
