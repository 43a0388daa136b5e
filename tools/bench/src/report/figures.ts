import type { Sample, Workload } from '../workloads/workload.ts';

/** A workload's figures, the middle of several runs each. */
export interface Figures {
  value: number;
  floor?: number;
  /** The middle of the runs' own ratios, since value and floor of one run were measured under the same noise. */
  ratio?: number;
  /** The same beside a bare pass-through. */
  bareRatio?: number;
  standInShare?: number;
}

/** The middle value; of an even number the mean of the two in the middle. @throws where there is none */
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
