import type { PublishedBundle } from '@data-aggregator/simulator/load';
import { percentile } from '../run/report.ts';

/** Percentiles of seconds, or of a number of files. */
export interface Percentiles {
  p50: number;
  p95: number;
  p999: number;
}

/** Where the time between landing and distribution goes: for either cloud, from the same moments. */
export interface Distributions {
  /** Seconds from landing to distribution, of files. */
  latency: Percentiles;
  /** Seconds from landing to the start of the invocation that published the file. */
  waiting: Percentiles;
  /** Seconds from there to distribution, of bundles. */
  working: Percentiles;
  filesPerBundle: Percentiles;
}

export function distributionsOf(bundles: readonly PublishedBundle[]): Distributions {
  const seconds = (until: (bundle: PublishedBundle) => number) =>
    bundles.flatMap((bundle) => bundle.landings.map((landedAt) => (until(bundle) - landedAt) / 1000));
  return {
    latency: percentilesOf(seconds(({ publishedAt }) => publishedAt)),
    waiting: percentilesOf(seconds(({ startedAt }) => startedAt)),
    working: percentilesOf(bundles.map(({ startedAt, publishedAt }) => (publishedAt - startedAt) / 1000)),
    filesPerBundle: percentilesOf(bundles.map(({ landings }) => landings.length)),
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const at = (percent: number) => percentile(values, percent) ?? NaN;
  return { p50: at(50), p95: at(95), p999: at(99.9) };
}
