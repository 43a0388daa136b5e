import { limits } from '@data-aggregator/cost-model/capacity';
import type { Random } from '@data-aggregator/shared-processing/testing';

/** When files land. A file is a number from 0, in the order of landing; several real files may land as one, see `eachStandsFor`. */
export interface Arrivals {
  /** Number of files. */
  files: number;
  /** When a file landed, in ms from the start. */
  landedAt(file: number): number;
  /** Files that have landed so many ms from the start. */
  landedBy(ms: number): number;
  /** Uploads that S3 throttled; the uploader repeats them a second later. */
  throttledUploads: number;
}

export interface ArrivalOptions {
  filesPerSecond: number;
  minutes: number;
  /** In every tenth minute files arrive so many times as fast. */
  burst: number;
  /** Key prefixes among which the files are divided evenly. */
  landingPrefixes: number;
  /** Real files for each simulated one. */
  eachStandsFor: number;
}

const MINUTES_BETWEEN_BURSTS = 10;
const SPLITTING_MINUTES = { least: 30, most: 60 };

/**
 * Divides the uploads of each second evenly over that second. S3 takes as many in a second as its partitions allow, and splits a prefix that
 * is too busy for 30 to 60 minutes; until then the rest waits at the uploader.
 */
export function arrivalsOf(options: ArrivalOptions, random: Random): Arrivals {
  const { filesPerSecond, minutes, burst, landingPrefixes, eachStandsFor } = options;
  const splitSeconds =
    60 * (SPLITTING_MINUTES.least + random.below(SPLITTING_MINUTES.most - SPLITTING_MINUTES.least));
  /** Files that have landed at the beginning of each second. */
  const landed = [0];
  let partitions = landingPrefixes;
  let waiting = 0;
  let busySeconds = 0;
  let throttledUploads = 0;
  for (let second = 0; second < minutes * 60 || waiting > 0; second++) {
    const minute = Math.floor(second / 60) + 1;
    const isBurst = minute % MINUTES_BETWEEN_BURSTS === 0;
    if (second < minutes * 60) waiting += filesPerSecond * (isBurst ? burst : 1);
    const taken = Math.min(waiting, partitions * limits.s3PutsPerPartition.value);
    waiting -= taken;
    throttledUploads += waiting;
    landed.push((landed.at(-1) ?? 0) + taken);
    busySeconds = waiting > 0 ? busySeconds + 1 : 0;
    if (busySeconds >= splitSeconds) {
      partitions *= 2;
      busySeconds = 0;
    }
  }
  const cumulative = Float64Array.from(landed, (real) => real / eachStandsFor);
  const at = (second: number) => cumulative[Math.min(second, cumulative.length - 1)] ?? 0;
  return {
    files: Math.floor(at(Infinity)),
    throttledUploads: Math.round(throttledUploads),
    landedBy(ms) {
      if (ms < 0) return 0;
      const second = Math.floor(ms / 1000);
      return Math.floor(at(second) + (at(second + 1) - at(second)) * (ms / 1000 - second));
    },
    landedAt(file) {
      // The nth file has landed when n + 1 files have: in the last second that begins with fewer.
      let low = 0;
      let high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (at(middle) < file + 1) low = middle;
        else high = middle - 1;
      }
      return (low + (file + 1 - at(low)) / (at(low + 1) - at(low))) * 1000;
    },
  };
}

/** Files that landed at known moments. @param moments in ms from the start, in order */
export function arrivalsAt(moments: readonly number[]): Arrivals {
  const at = (file: number) => moments[file] ?? Infinity;
  return {
    files: moments.length,
    throttledUploads: 0,
    landedAt: at,
    landedBy(ms) {
      let low = 0;
      let high = moments.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (at(middle) <= ms) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
