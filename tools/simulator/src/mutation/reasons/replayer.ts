import type { Reason } from '../report.ts';

export const REPLAYER: readonly Reason[] = [
  {
    file: 'apps/replayer/src/copy-in-parts.ts',
    line: 'await withRetries(() => multipart.abort(upload), rules).catch((error: unknown) =>',
    original: `(error: unknown) =>
        // A lifecycle rule aborts it later.
        log.warn('upload.unaborted', { bundle: to.key, error })`,
    replacement: '() => undefined',
    reason: 'It only logs: a lifecycle rule of the bucket aborts the upload.',
  },
  {
    file: 'apps/replayer/src/replay-bundle.ts',
    line: 'await withRetries(() => table.delete(bundleId(target), own), dependencies).catch((error: unknown) =>',
    original: `(error: unknown) =>
    // The request can then be repeated a little later.
    log.warn('copy.unforgotten', { bundle: target, error })`,
    replacement: '() => undefined',
    reason: 'It only logs: until the record ends, a repeated request reports that the copy may still arrive.',
  },
];
