import type { Run } from '../codec/write-coalescer.ts';
import type { Compressibility } from './compressibility.ts';

/** How a stretch of a batch goes into the deflate stream: through zlib, as stored blocks, or by our run-length block. */
export type Treatment = 'deflate' | 'store' | 'sparse';

/**
 * Leaving zlib costs a flush: a trip to its threads and its window, about 200 bytes and 0.1 ms. Deflating as many
 * incompressible bytes costs that much time at a few KB and that much money at a few more.
 */
export const MIN_STORED = 16 * 1024;
/** The longest compressible stretch between two stored ones that is not worth going back to zlib: headers, padding. */
export const MAX_SPARSE = 2 * 1024;

/**
 * What to do with each run of a batch. Incompressible runs form a stretch together with the short runs between them; a
 * stretch is stored when it is long enough to pay for leaving zlib, or when zlib is left already.
 *
 * @param outside whether the batch before ended outside zlib
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

/** The run at `index`; if incompressible, with what follows up to the last incompressible run that short ones lead to. */
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
