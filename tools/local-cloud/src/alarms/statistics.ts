import { AlarmError } from './alarm-error.ts';

/** Aggregates the values of a period; there is at least one. */
export type Statistic = (values: readonly number[]) => number;

const sum: Statistic = (values) => values.reduce((a, b) => a + b, 0);

const named: Readonly<Record<string, Statistic>> = {
  Sum: sum,
  SampleCount: (values) => values.length,
  Average: (values) => sum(values) / values.length,
  Maximum: (values) => values.reduce((a, b) => Math.max(a, b)),
  Minimum: (values) => values.reduce((a, b) => Math.min(a, b)),
};

/** Looks up a statistic such as `Sum` or `p99.9`. @throws AlarmError if it is not supported */
export function statisticOf(name: string): Statistic {
  const [, percent] = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name) ?? [];
  const statistic = percent === undefined ? named[name] : percentile(Number(percent));
  if (!statistic) throw new AlarmError(`the statistic ${name} is not supported by the local cloud`);
  return statistic;
}

/** Uses the nearest rank, whereas CloudWatch interpolates. */
function percentile(percent: number): Statistic {
  return (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
  };
}
