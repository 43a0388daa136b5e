import type { Clock } from '@data-aggregator/shared-processing/calls';

/**
 * An invocation's time, in milliseconds since the epoch:
 *
 *     start                      buildUntil      publishUntil    answerUntil   deadline
 *       │ claim, read, build          │ describe       │ publish sent  │ settle      │ Lambda kills
 *       ├─────────────────────────────┼────────────────┼───────────────┼─────────────┤
 *
 * A bundle that is being filled when `buildUntil` comes is closed with what it has. After `publishUntil` nothing is
 * published: its members go back instead. A PUT without an answer at `answerUntil` is given up.
 */
export interface TimeBudget {
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
    buildUntil: deadline - reserve,
    publishUntil: deadline - reserve / 2,
    answerUntil: deadline - reserve / 4,
    deadline,
  };
}

/** What an invocation has learnt of how fast it is. */
export interface Pace {
  /** Milliseconds that a bundle of so many bytes and members will probably take. */
  estimateMs(bytes: number, members: number): number;
  learn(bytes: number, members: number, ms: number): void;
}

/** Before anything is learnt: 20 MB a second, and 4 ms a member. */
const FIRST_MS_PER_BYTE = 1 / 20_000;
const MS_PER_MEMBER = 4;
/** What a bundle costs beside its members: a manifest, a PUT, a note. */
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

/** Whether there is time to begin a bundle. The first one is begun while there is any, so that each batch gets on. */
export function mayBegin(
  bundle: { bytes: number; members: number; isFirst: boolean },
  budget: TimeBudget,
  pace: Pace,
  clock: Clock,
): boolean {
  const left = budget.buildUntil - clock.now();
  return bundle.isFirst ? left > 0 : pace.estimateMs(bundle.bytes, bundle.members) <= left;
}
