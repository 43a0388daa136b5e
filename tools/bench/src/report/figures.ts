import type { Sample, Workload } from '../workloads/workload.ts';

/** A workload's figures; each is the median of several runs. */
export interface Figures {
  value: number;
  floor?: number;
  /** The median of the runs' ratios, because noise affects value and floor of one run alike. */
  ratio?: number;
  /** The same ratio to a bare pass-through. */
  bareRatio?: number;
  standInShare?: number;
}

/** The middle value, or the mean of the two middle values. @throws Error if there are no values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new Error('no values have no median');
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export function figuresOf(samples: readonly Sample[]): Figures {
  const floors = samples.flatMap(({ floor }) => floor ?? []);
  const bareRatios = samples.flatMap(({ value, bare }) => (bare === undefined ? [] : value / bare));
  const shares = samples.flatMap(({ standInShare }) => standInShare ?? []);
  return {
    value: median(samples.map(({ value }) => value)),
    ...(floors.length > 0 && {
      floor: median(floors),
      ratio: median(samples.flatMap(({ value, floor }) => (floor === undefined ? [] : value / floor))),
    }),
    ...(bareRatios.length > 0 && { bareRatio: median(bareRatios) }),
    ...(shares.length > 0 && { standInShare: median(shares) }),
  };
}

export function isReached({ value, ratio }: Figures, reach: Workload['reach']): boolean {
  return 'times' in reach ? ratio !== undefined && ratio <= reach.times : value <= reach.most;
}
