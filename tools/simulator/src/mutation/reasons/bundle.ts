import type { Reason } from '../report.ts';

export const BUNDLE: readonly Reason[] = [
  {
    file: 'libs/bundling/src/bundle/codec/zstd.ts',
    line: 'for (let start = 0; start < bytes.length; start += BATCH) {',
    original: 'start < bytes.length',
    replacement: 'start <= bytes.length',
    reason: 'It adds a piece without bytes, which the write coalescer ignores.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/compressibility.ts',
    line: "if (entropy(bytes) < FLAT) return 'compressible';",
    original: 'entropy(bytes) < FLAT',
    replacement: 'entropy(bytes) <= FLAT',
    reason:
      'FLAT is a rule of thumb, and a sum of logarithms does not hit it exactly; both treatments give a valid bundle.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/compressibility.ts',
    line: "return repeats(bytes) >= REPETITIVE ? 'compressible' : 'incompressible';",
    original: 'repeats(bytes) >= REPETITIVE',
    replacement: 'repeats(bytes) > REPETITIVE',
    reason: 'REPETITIVE is a rule of thumb: at exactly this share, deflating and storing are equally good.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/compressibility.ts',
    line: 'const windows = bytes.length <= WINDOWS * WINDOW_BYTES ? 1 : WINDOWS;',
    original: 'bytes.length <= WINDOWS * WINDOW_BYTES',
    replacement: 'bytes.length < WINDOWS * WINDOW_BYTES',
    reason: 'At exactly this length, the four windows lie end to end and contain the same bytes as the one.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/compressibility.ts',
    line: 'return Math.log2(total) - sum / total + (seen - 1) / (2 * total * Math.LN2);',
    original: 'seen - 1',
    replacement: 'seen + 1',
    reason: 'It raises the estimate by less than 0.003 bits per byte, a tenth of its standard error.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/gzip.ts',
    line: 'for (let start = 0; start < bytes.length; start += BATCH) {',
    original: 'start < bytes.length',
    replacement: 'start <= bytes.length',
    reason:
      'It adds a piece without bytes, which neither the tracker nor the write coalescer takes into account.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/sparse-block.ts',
    line: 'while (end < bytes.length && bytes[end] === byte) end += 1;',
    original: 'end < bytes.length',
    replacement: 'true',
    reason:
      'After the end, `bytes[end]` is undefined, which equals no byte; the condition saves a slow read out of bounds.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/sparse-block.ts',
    line: 'while (end < bytes.length && bytes[end] === byte) end += 1;',
    original: 'end < bytes.length',
    replacement: 'end <= bytes.length',
    reason:
      'After the end, `bytes[end]` is undefined, which equals no byte; the condition saves a slow read out of bounds.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/sparse-block.ts',
    line: 'for (let bit = 0; bit < bits; bit += 1) value |= ((code >>> bit) & 1) << (bits - 1 - bit);',
    original: 'bit < bits',
    replacement: 'bit <= bits',
    reason: 'No code has a bit above its length, so the last round adds a zero.',
  },
  {
    file: 'libs/bundling/src/bundle/gzip/sparse-block.ts',
    line: 'const { value, bits } = code < 280 ? huffman(code - 256, 7) : huffman(0xc0 + code - 280, 8);',
    original: 'code - 256',
    replacement: 'code + 256',
    reason: 'Only the lowest seven bits are used, and these are the same.',
  },
  {
    file: 'libs/bundling/src/bundle/member-body.ts',
    line: "const what = options?.cause === undefined ? 'has' : 'failed after';",
    original: 'options?.cause === undefined',
    replacement: 'false',
    reason: 'It is the wording of an error.',
  },
  {
    file: 'libs/bundling/src/bundle/member-body.ts',
    line: "const what = options?.cause === undefined ? 'has' : 'failed after';",
    original: "'has'",
    replacement: '""',
    reason: 'It is the wording of an error.',
  },
  {
    file: 'libs/bundling/src/bundle/staging.ts',
    line: 'for (let from = 0; from < size; from += BLOCK) yield taken.subarray(from, Math.min(from + BLOCK, size));',
    original: 'from < size',
    replacement: 'from <= size',
    reason: 'It adds a chunk without bytes, which a stream of bytes drops.',
  },
];
