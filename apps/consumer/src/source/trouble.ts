import type { Clock } from '@data-aggregator/shared-processing/retry';
import { ADVICE, type Condition, waitAfter } from '../bundle/condition.ts';
import type { Report } from '../report/report.ts';

/** Where a condition showed: while looking for bundles, or while processing one. */
export type Stage = 'source' | 'bundle';

export interface Trouble {
  readonly condition: Condition | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Writes one line for each condition, not for each failure. */
  enter(stage: Stage, condition: Condition, error: Error): void;
  /** Call it when something succeeds. It ends only a condition that showed at the same stage. */
  succeeded(stage: Stage): void;
  /** Waits longer after each failure in a row, at most 30 s. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Remembers why work has stopped. */
export function createTrouble(report: Report, clock: Clock, random: () => number): Trouble {
  let current: { stage: Stage; condition: Condition; since: number } | undefined;
  let failures = 0;
  return {
    get condition() {
      return current?.condition;
    },
    get failures() {
      return failures;
    },
    enter(stage, condition, error) {
      failures++;
      if (current?.condition === condition) return;
      current = { stage, condition, since: clock.now() };
      report.update({ condition });
      report.event('warn', `stopped.${condition}`, { detail: error.message, advice: ADVICE[condition] });
    },
    succeeded(stage) {
      if (current?.stage !== stage) return;
      const seconds = Math.round((clock.now() - current.since) / 1000);
      report.event('info', `continued.${current.condition}`, { seconds });
      report.update({ condition: undefined });
      current = undefined;
      failures = 0;
    },
    wait: (signal) => clock.sleep(waitAfter(Math.max(1, failures), random()), signal),
  };
}
