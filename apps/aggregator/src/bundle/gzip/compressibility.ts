/** Whether deflating is worth its time. */
export type Nature = 'compressible' | 'incompressible';

/** Looked at of one chunk: enough that a verdict seldom errs, little beside the deflating it may spare. */
const WINDOWS = 4;
const WINDOW_BYTES = 1024;
/** Fewer bytes say too little, and little is at stake. */
const MIN_SAMPLE = 512;
/** Bits a byte from which Huffman's coding saves less than 2.5 %. */
const FLAT = 7.8;
/** Contiguous bytes searched for repeats: most of deflate's window. */
const REPEAT_BYTES = 8 * 1024;
/** Share of positions whose four bytes came before from which deflate's matches save something. */
const REPETITIVE = 0.03;

/**
 * Guesses from the content alone, by what deflate lives on: bytes that are not equally frequent, and strings that come
 * again. Compressed, encrypted and random bytes have neither; text, records and pictures without compression do.
 */
export function natureOf(bytes: Uint8Array): Nature {
  if (bytes.length < MIN_SAMPLE) return 'compressible';
  if (entropy(bytes) < FLAT) return 'compressible';
  return repeats(bytes) >= REPETITIVE ? 'compressible' : 'incompressible';
}

const counts = new Uint32Array(256);

/** Bits a byte of some windows spread over the bytes, corrected for the sample's size (Miller and Madow). */
function entropy(bytes: Uint8Array): number {
  counts.fill(0);
  const windows = bytes.length <= WINDOWS * WINDOW_BYTES ? 1 : WINDOWS;
  const length = windows === 1 ? bytes.length : WINDOW_BYTES;
  const stride = windows === 1 ? 0 : Math.floor((bytes.length - length) / (windows - 1));
  for (let window = 0; window < windows; window += 1) {
    const end = window * stride + length;
    for (let at = window * stride; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      counts[byte] = (counts[byte] ?? 0) + 1;
    }
  }
  const total = windows * length;
  let sum = 0;
  let seen = 0;
  for (const count of counts) {
    if (count === 0) continue;
    seen += 1;
    sum += count * Math.log2(count);
  }
  return Math.log2(total) - sum / total + (seen - 1) / (2 * total * Math.LN2);
}

const lastSeen = new Uint32Array(4096);

/** Share of positions, in a stretch from the middle, whose next four bytes stood somewhere before in it. */
function repeats(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, REPEAT_BYTES);
  const from = (bytes.length - length) >>> 1;
  const stretch = Buffer.from(bytes.buffer, bytes.byteOffset + from, length);
  lastSeen.fill(0);
  let found = 0;
  const positions = length - 3;
  for (let at = 0; at < positions; at += 1) {
    const four = stretch.readInt32LE(at);
    const slot = Math.imul(four, 0x9e3779b1) >>> 20;
    const before = lastSeen[slot] ?? 0;
    lastSeen[slot] = at + 1;
    if (before !== 0 && stretch.readInt32LE(before - 1) === four) found += 1;
  }
  return found / positions;
}
