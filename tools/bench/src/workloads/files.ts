import type { BenchFile, Kind } from '../content.ts';

export const KB = 1000;
export const MB = 1_000_000;

/** Files of one kind, or of several kinds alternately. */
export function files(count: number, size: number, ...kinds: [Kind, ...Kind[]]): BenchFile[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    return { kind, size, index };
  });
}

/** Splits files into batches of at most `max`. */
export function batchesOf(all: readonly BenchFile[], max: number): BenchFile[][] {
  const batches: BenchFile[][] = [];
  for (let from = 0; from < all.length; from += max) batches.push(all.slice(from, from + max));
  return batches;
}
