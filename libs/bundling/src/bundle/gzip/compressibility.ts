/** Whether deflating is worth its time. */
export type Compressibility = 'compressible' | 'incompressible';

/** Sample of a chunk: large enough to be reliable, small compared with the deflating that it may save. */
const WINDOWS = 4;
const WINDOW_BYTES = 512;
/** Fewer bytes are not classified. */
export const MIN_SAMPLE = 512;
/** From this entropy on, in bits per byte, Huffman coding saves less than 2.5 %. */
const FLAT = 7.8;
/** Contiguous bytes searched for repeats. */
const REPEAT_BYTES = 8 * 1024;
/** If at least this share of positions repeats four earlier bytes, deflate's matches save space. */
const REPETITIVE = 0.03;

/**
 * Classifies content by the two properties that deflate exploits: unequal byte frequencies and repeated strings.
 * Compressed, encrypted and random bytes have neither; text, records and raw images do.
 *
 * @returns undefined if there are too few bytes to tell
 */
export function classify(bytes: Uint8Array): Compressibility | undefined {
  if (bytes.length < MIN_SAMPLE) return undefined;
  if (entropy(bytes) < FLAT) return 'compressible';
  return repeats(bytes) >= REPETITIVE ? 'compressible' : 'incompressible';
}

const counts = new Uint32Array(256);

/** Entropy of evenly spaced windows, in bits per byte, corrected for the sample size (Miller–Madow). */
function entropy(bytes: Uint8Array): number {
  counts.fill(0);
  const windows = bytes.length <= WINDOWS * WINDOW_BYTES ? 1 : WINDOWS;
  const length = windows === 1 ? bytes.length : WINDOW_BYTES;
  const stride = Math.floor((bytes.length - length) / (WINDOWS - 1));
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

/** The last four bytes seen, by hash. */
const table = new Int32Array(4096);

/** Share of positions in a stretch from the middle where four bytes repeat an earlier four. */
function repeats(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, REPEAT_BYTES);
  const start = (bytes.length - length) >>> 1;
  table.fill(0);
  let four = 0;
  let found = 0;
  for (let at = start; at < start + length; at += 1) {
    four = (four >>> 8) | ((bytes[at] ?? 0) << 24);
    const slot = Math.imul(four, 0x9e3779b1) >>> 20;
    if (table[slot] === four) found += 1;
    else table[slot] = four;
  }
  return found / length;
}
