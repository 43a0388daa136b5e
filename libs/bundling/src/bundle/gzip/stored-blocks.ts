/** Maximum content of one stored block: its length has 16 bits (RFC 1951, 3.2.4). */
export const MAX_STORED = 0xffff;

/**
 * Encodes bytes as stored blocks of deflate, for a position on a byte boundary. Does not copy the content.
 *
 * @param last whether this ends the deflate stream
 */
export function* storedBlocks(bytes: Uint8Array, last = false): Generator<Uint8Array> {
  let start = 0;
  do {
    const content = bytes.subarray(start, start + MAX_STORED);
    start += content.length;
    yield storedHeader(content.length, last && start === bytes.length);
    yield content;
  } while (start < bytes.length);
}

/** BFINAL and BTYPE=00 in the lowest three bits of a byte, then LEN and its complement NLEN. */
function storedHeader(length: number, last: boolean): Uint8Array {
  const high = length >>> 8;
  const low = length & 0xff;
  return Uint8Array.of(last ? 1 : 0, low, high, low ^ 0xff, high ^ 0xff);
}
