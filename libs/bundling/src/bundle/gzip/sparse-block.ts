/**
 * Deflates a few hundred bytes that are mostly zeros, such as tar headers and padding: literals, and runs of one byte, in
 * fixed Huffman codes (RFC 1951, 3.2.6). It saves a call to zlib and does not depend on earlier data. An empty stored
 * block follows, so that the output ends on a byte boundary.
 */
export function sparseBlock(bytes: Uint8Array): Uint8Array {
  // At most nine bits per byte, and 7 bytes for the block header, the end of the block and the stored block's header.
  const out = new Uint8Array(Math.ceil((bytes.length * 9) / 8) + 8);
  let used = 0;
  let hold = 0;
  let held = 0;
  const put = ({ value, bits }: Bits = NOTHING): void => {
    hold |= value << held;
    held += bits;
    while (held >= 8) {
      out[used++] = hold & 0xff;
      hold >>>= 8;
      held -= 8;
    }
  };

  tables ??= makeTables();
  const { literals, runs } = tables;
  put(FIXED_BLOCK);
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    put(literals[byte]);
    at += 1;
    let end = at;
    while (end < bytes.length && bytes[end] === byte) end += 1;
    while (end - at >= MIN_MATCH) {
      const length = Math.min(end - at, MAX_MATCH);
      put(runs[length]);
      at += length;
    }
  }
  put(END_OF_BLOCK);
  put(STORED_BLOCK);
  if (held > 0) put({ value: 0, bits: 8 - held });
  out.set([0, 0, 0xff, 0xff], used);
  return out.subarray(0, used + 4);
}

const MIN_MATCH = 3;
const MAX_MATCH = 258;

/** A value to write and its number of bits. */
interface Bits {
  value: number;
  bits: number;
}

/** BFINAL 0, BTYPE 01. */
const FIXED_BLOCK: Bits = { value: 0b010, bits: 3 };
const END_OF_BLOCK: Bits = { value: 0, bits: 7 };
/** BFINAL 0, BTYPE 00; its length starts on the next whole byte. */
const STORED_BLOCK: Bits = { value: 0, bits: 3 };
const NOTHING: Bits = { value: 0, bits: 0 };

/** Huffman codes start with their most significant bit, all other values with their least. */
function huffman(code: number, bits: number): Bits {
  let value = 0;
  for (let bit = 0; bit < bits; bit += 1) value |= ((code >>> bit) & 1) << (bits - 1 - bit);
  return { value, bits };
}

/** The shortest length of each length code 257 to 285 (RFC 1951, 3.2.5). */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];

interface Tables {
  /** The code of each byte. */
  literals: readonly Bits[];
  /** "Repeat the previous byte" for each length: a length code, its extra bits, and the five bits of the distance 1. */
  runs: readonly Bits[];
}

/** Created for the first block: most bundles need none, and every cold start would wait for it. */
let tables: Tables | undefined;

function makeTables(): Tables {
  return {
    literals: Array.from({ length: 256 }, (_, byte) =>
      byte < 144 ? huffman(0x30 + byte, 8) : huffman(0x190 + byte - 144, 9),
    ),
    runs: Array.from({ length: MAX_MATCH + 1 }, (_, length) => runOf(length)),
  };
}

function runOf(length: number): Bits {
  const index = Math.max(
    0,
    LENGTH_BASE.findLastIndex((base) => base <= length),
  );
  const code = 257 + index;
  const { value, bits } = code < 280 ? huffman(code - 256, 7) : huffman(0xc0 + code - 280, 8);
  const extraBits = index < 8 || index === 28 ? 0 : (index >> 2) - 1;
  const extra = length - (LENGTH_BASE[index] ?? length);
  return { value: value | (extra << bits), bits: bits + extraBits + 5 };
}
