import type { Measurement } from './emf.ts';
import type { MetricId } from './model.ts';

/** Metric values with the time at which they were measured. */
export interface MetricStore {
  /** @param time milliseconds since 1970 */
  readonly add: (measurement: Measurement, time: number) => void;
  /** Values measured after `from` and up to `to`. */
  readonly values: (metric: MetricId, from: number, to: number) => readonly number[];
  /** The same with their times. */
  readonly points: (metric: MetricId, from: number, to: number) => readonly Point[];
}

export interface Point {
  readonly time: number;
  readonly value: number;
}

/** @param keptMs how long values are kept, in milliseconds */
export function createMetricStore(keptMs: number): MetricStore {
  const series = new Map<string, Point[]>();
  const points: MetricStore['points'] = (metric, from, to) =>
    (series.get(identity(metric)) ?? []).filter(({ time }) => time > from && time <= to);
  return {
    add: ({ metric, value }, time) => {
      const id = identity(metric);
      const points = series.get(id) ?? [];
      points.push({ time, value });
      const old = points.findIndex((point) => point.time > time - keptMs);
      // Removing items from the front moves all others, so do it only now and then.
      if (old > 1_000) points.splice(0, old);
      series.set(id, points);
    },
    values: (metric, from, to) => points(metric, from, to).map(({ value }) => value),
    points,
  };
}

function identity({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** Metric time: real time plus the time that tests skip. */
export interface MetricTime {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Converts a real time into metric time. */
  readonly at: (real: number) => number;
  /** Skips milliseconds. */
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
