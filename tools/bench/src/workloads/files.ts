import type { BenchFile, Kind } from '../content.ts';

export const KB = 1000;
export const MB = 1_000_000;

/** So many files of a kind, or of several in turn. */
export function files(count: number, size: number, ...kinds: [Kind, ...Kind[]]): BenchFile[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    return { kind, size, index };
  });
}

/** The files in batches of so many. */
export function batchesOf(all: readonly BenchFile[], most: number): BenchFile[][] {
  const batches: BenchFile[][] = [];
  for (let from = 0; from < all.length; from += most) batches.push(all.slice(from, from + most));
  return batches;
}
