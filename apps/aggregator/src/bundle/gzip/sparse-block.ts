/**
 * Deflate for a few hundred bytes that are mostly zeros, as tar's headers and padding are: literals, and runs of one
 * byte, in fixed Huffman codes (RFC 1951, 3.2.6). It spares a trip to zlib and needs nothing from what stands before.
 * The block is followed by an empty stored one, so that it ends on a whole byte.
 */
export function sparseBlock(bytes: Uint8Array): Uint8Array {
  // No code is longer than nine bits a byte; block header, end of block and the stored block's header: 7 bytes at most.
  const out = new Uint8Array(Math.ceil((bytes.length * 9) / 8) + 8);
  let used = 0;
  let hold = 0;
  let held = 0;
  const put = (value: number, bits: number): void => {
    hold |= value << held;
    held += bits;
    while (held >= 8) {
      out[used++] = hold & 0xff;
      hold >>>= 8;
      held -= 8;
    }
  };

  put(0b010, 3); // BFINAL 0, BTYPE 01
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    put(literalCode(byte), literalBits(byte));
    at += 1;
    let end = at;
    while (end < bytes.length && bytes[end] === byte) end += 1;
    while (end - at >= MIN_MATCH) {
      const length = Math.min(end - at, MAX_MATCH);
      putRun(put, length);
      at += length;
    }
  }
  put(0, 7); // end of block
  put(0b000, 3); // an empty stored block, which starts on the next whole byte
  if (held > 0) put(0, 8 - held);
  out.set([0, 0, 0xff, 0xff], used);
  return out.subarray(0, used + 4);
}

const MIN_MATCH = 3;
const MAX_MATCH = 258;

/** Huffman codes are sent from their most significant bit, everything else from its least. */
function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit += 1) result |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return result;
}

const LITERALS = Uint16Array.from({ length: 256 }, (_, byte) =>
  byte < 144 ? reversed(0x30 + byte, 8) : reversed(0x190 + byte - 144, 9),
);
const literalCode = (byte: number): number => LITERALS[byte] ?? 0;
const literalBits = (byte: number): number => (byte < 144 ? 8 : 9);

/** The shortest length of each length code 257 to 285, and how many extra bits follow it (RFC 1951, 3.2.5). */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const extraBits = (index: number): number => (index < 8 || index === 28 ? 0 : (index >> 2) - 1);

/** "Repeat the byte before, `length` times": a length code, its extra bits, and the distance 1. */
function putRun(put: (value: number, bits: number) => void, length: number): void {
  const index = LENGTH_BASE.findLastIndex((base) => base <= length);
  const code = 257 + index;
  if (code < 280) put(reversed(code - 256, 7), 7);
  else put(reversed(0xc0 + code - 280, 8), 8);
  put(length - (LENGTH_BASE[index] ?? length), extraBits(index));
  put(0, 5);
}
