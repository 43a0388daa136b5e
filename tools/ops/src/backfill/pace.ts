import type { Clock } from '@data-aggregator/shared-processing/retry';

/** Admits objects at a limited rate, and only while the queue's backlog is small. */
export interface Pace {
  /** Waits until `count` objects may be sent, or the signal aborts. @throws what reading the backlog throws */
  admit(count: number, signal: AbortSignal): Promise<void>;
}

export interface PaceOptions {
  /** Objects per second. */
  rate: number;
  /** Objects that may be sent at once after a pause; at least as many as one `admit` asks for. */
  burst: number;
  /** Number of waiting messages above which nothing is admitted. */
  maxBacklog: number;
}

export interface PaceDependencies {
  clock: Clock;
  /** Messages that wait in the queue. */
  backlog: () => Promise<number>;
  /** Called when the backlog is too high, each time it was read. */
  onWait: (backlog: number) => void;
}

/** How old a backlog figure may be, in ms. */
const BACKLOG_VALID_MS = 1_000;
/** How long to wait for a high backlog to shrink, in ms. SQS's figures are up to a minute old. */
const BACKLOG_WAIT_MS = 5_000;

/** A token bucket behind a check of the backlog. */
export function createPace({ rate, burst, maxBacklog }: PaceOptions, dependencies: PaceDependencies): Pace {
  const { clock, backlog, onWait } = dependencies;
  let tokens = burst;
  let filledAt = clock.now();
  let backlogReadAt = -Infinity;

  const isBacklogOld = () => {
    const age = clock.now() - backlogReadAt;
    // Negative after the clock was set back.
    return age < 0 || age >= BACKLOG_VALID_MS;
  };
  const waitForBacklog = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && isBacklogOld()) {
      const waiting = await backlog();
      if (waiting <= maxBacklog) {
        backlogReadAt = clock.now();
      } else {
        onWait(waiting);
        await clock.sleep(BACKLOG_WAIT_MS, signal);
      }
    }
  };

  return {
    async admit(count, signal) {
      await waitForBacklog(signal);
      const refill = () => {
        const now = clock.now();
        tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1000) * rate);
        filledAt = now;
      };
      refill();
      while (tokens < count && !signal.aborted) {
        await clock.sleep(Math.ceil(((count - tokens) / rate) * 1000), signal);
        refill();
      }
      tokens -= count;
    },
  };
}
