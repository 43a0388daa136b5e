import type { Run } from '../codec/write-coalescer.ts';
import type { Compressibility } from './compressibility.ts';

/** How a stretch of a batch is encoded in the deflate stream: by zlib, as stored blocks, or as our run-length block. */
export type Treatment = 'deflate' | 'store' | 'sparse';

/**
 * Leaving zlib costs a flush: a call to its threads and the loss of its window, about 200 bytes and 0.1 ms. Deflating
 * incompressible bytes costs as much time from a few KB on, and as much money from a few KB more.
 */
export const MIN_STORED = 16 * 1024;
/** Maximum length of a compressible stretch outside zlib (headers, padding) that does not justify returning to zlib. */
export const MAX_SPARSE = 2 * 1024;

/**
 * Decides how to encode each run of a batch. Incompressible runs and the short runs between them form a stretch. A stretch
 * is stored if it is long enough to pay for leaving zlib, or if the encoder is already outside zlib.
 *
 * @param outside whether the previous batch ended outside zlib
 */
export function planTreatment(runs: readonly Run<Compressibility>[], outside: boolean): Run<Treatment>[] {
  const plan: Run<Treatment>[] = [];
  const add = (kind: Treatment, end: number): void => {
    const last = plan.at(-1);
    if (last?.kind === kind) last.end = end;
    else plan.push({ kind, end });
  };

  for (let index = 0; index < runs.length;) {
    const stretch = stretchFrom(runs, index);
    const start = runs[index - 1]?.end ?? 0;
    const end = stretch.at(-1)?.end ?? start;
    const isOutside = plan.length === 0 ? outside : plan.at(-1)?.kind !== 'deflate';
    const stores = stretch.some(({ kind }) => kind === 'incompressible');
    const pays = isOutside || end - start >= MIN_STORED;
    if (stores && pays) {
      for (const run of stretch) add(run.kind === 'incompressible' ? 'store' : 'sparse', run.end);
    } else if (isOutside && end - start <= MAX_SPARSE) {
      add('sparse', end);
    } else {
      add('deflate', end);
    }
    index += stretch.length;
  }
  return plan;
}

/** The run at `index`; if it is incompressible, also the following runs up to the last incompressible one after a short gap. */
function stretchFrom(runs: readonly Run<Compressibility>[], index: number): Run<Compressibility>[] {
  let last = index;
  if (runs[index]?.kind === 'incompressible') {
    for (let next = index + 2; next < runs.length; next += 2) {
      const gap = (runs[next - 1]?.end ?? 0) - (runs[next - 2]?.end ?? 0);
      if (gap > MAX_SPARSE) break;
      last = next;
    }
  }
  return runs.slice(index, last + 1);
}
