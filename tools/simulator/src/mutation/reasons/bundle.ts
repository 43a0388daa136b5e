import type { Reason } from '../report.ts';

export const BUNDLE: readonly Reason[] = [
  {
    file: 'libs/bundling/src/bundle/codec/zstd.ts',
    line: 'for (let start = 0; start < bytes.length; start += BATCH) {',
    original: 'start < bytes.length',
    replacement: 'start <= bytes.length',
    reason: 'It adds a piece without bytes, which the write coalescer ignores.',
  },
];
