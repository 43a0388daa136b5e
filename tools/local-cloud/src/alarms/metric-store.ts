import type { Measurement } from './emf.ts';
import type { MetricId } from './model.ts';

/** Values of metrics, by the time at which they were measured. */
export interface MetricStore {
  /** @param time ms since the epoch */
  readonly add: (measurement: Measurement, time: number) => void;
  /** The values measured after `from`, until `to`. */
  readonly values: (metric: MetricId, from: number, to: number) => readonly number[];
}

interface Point {
  readonly time: number;
  readonly value: number;
}

/** @param keptMs how far back values are asked for */
export function createMetricStore(keptMs: number): MetricStore {
  const series = new Map<string, Point[]>();
  return {
    add: ({ metric, value }, time) => {
      const id = identity(metric);
      const points = series.get(id) ?? [];
      points.push({ time, value });
      const old = points.findIndex((point) => point.time > time - keptMs);
      // Not at every value: taking from the front moves all the others.
      if (old > 1_000) points.splice(0, old);
      series.set(id, points);
    },
    values: (metric, from, to) =>
      (series.get(identity(metric)) ?? [])
        .filter(({ time }) => time > from && time <= to)
        .map(({ value }) => value),
  };
}

function identity({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** The time of metrics: real time, but for what tests let pass. */
export interface MetricTime {
  /** ms since the epoch. */
  readonly now: () => number;
  /** What the time of metrics was at a real time. */
  readonly at: (real: number) => number;
  /** Lets milliseconds pass at once. */
  readonly pass: (milliseconds: number) => void;
}

export function createMetricTime(realNow: () => number): MetricTime {
  const jumps: { readonly at: number; readonly by: number }[] = [];
  const at = (real: number) => jumps.reduce((time, jump) => (jump.at <= real ? time + jump.by : time), real);
  return {
    now: () => at(realNow()),
    at,
    pass: (milliseconds) => void jumps.push({ at: realNow(), by: milliseconds }),
  };
}
