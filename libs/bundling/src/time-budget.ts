import type { Clock } from '@data-aggregator/shared-processing/retry';

/**
 * An invocation's time, in milliseconds since the epoch:
 *
 *     start                      buildUntil      publishUntil    answerUntil   deadline
 *       │ claim, read, build          │ manifest       │ publish sent  │ respond     │ Lambda kills
 *       ├─────────────────────────────┼────────────────┼───────────────┼─────────────┤
 *
 * At `buildUntil`, the open bundle is closed with what it has. After `publishUntil` nothing is published; the members return to the
 * queue. A PUT without a response at `answerUntil` is aborted.
 */
export interface TimeBudget {
  start: number;
  buildUntil: number;
  publishUntil: number;
  answerUntil: number;
  deadline: number;
}

const LONGEST_RESERVE_MS = 20_000;
const RESERVED_SHARE = 0.3;

export function timeBudget(start: number, deadline: number): TimeBudget {
  const reserve = Math.min(LONGEST_RESERVE_MS, (deadline - start) * RESERVED_SHARE);
  return {
    start,
    buildUntil: deadline - reserve,
    publishUntil: deadline - reserve / 2,
    answerUntil: deadline - reserve / 4,
    deadline,
  };
}

/** Share of the time to build that may have passed when a bundle starts with all of it. */
const STARTING_SHARE = 0.1;

/** Whether a bundle that starts now has all the time of an invocation. Only then can running out of it be the object's fault. */
export function hasAllTime({ start, buildUntil }: TimeBudget, clock: Clock): boolean {
  return clock.now() - start <= (buildUntil - start) * STARTING_SHARE;
}

/** The measured speed of an invocation. */
export interface Pace {
  /** Estimated milliseconds for a bundle of this size. */
  estimateMs(bytes: number, members: number): number;
  learn(bytes: number, members: number, ms: number): void;
}

/** Initial estimate: 20 MB/s, and 4 ms per member. */
const FIRST_MS_PER_BYTE = 1 / 20_000;
const MS_PER_MEMBER = 4;
/** Fixed cost of a bundle: manifest, PUT, bundle record. */
const MS_PER_BUNDLE = 500;

export function createPace(): Pace {
  let factor = 1;
  const plain = (bytes: number, members: number) =>
    MS_PER_BUNDLE + bytes * FIRST_MS_PER_BYTE + members * MS_PER_MEMBER;
  return {
    estimateMs: (bytes, members) => plain(bytes, members) * factor,
    learn(bytes, members, ms) {
      factor = ms / plain(bytes, members);
    },
  };
}

/** Whether there is time to start a bundle. The first one starts while any time is left, so that each batch makes progress. */
export function mayBegin(
  bundle: { bytes: number; members: number; isFirst: boolean },
  budget: TimeBudget,
  pace: Pace,
  clock: Clock,
): boolean {
  const left = budget.buildUntil - clock.now();
  return bundle.isFirst ? left > 0 : pace.estimateMs(bundle.bytes, bundle.members) <= left;
}
