import type { Clock } from '@data-aggregator/shared-processing/retry';
import { ADVICE, type Condition, waitAfter } from '../bundle/condition.ts';
import type { Report } from '../report/report.ts';

/** Where a condition showed: at a listing of the bucket, at the queue, or while processing a bundle. */
export type Stage = 'listing' | 'queue' | 'bundle';

export interface Trouble {
  /** The latest condition that has not ended. */
  readonly condition: Condition | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Calls of `wait` in a row. Several bundles that fail at the same time count once. */
  readonly waits: number;
  /** Whether there is no condition, or only the queue has one. */
  readonly mayReceive: boolean;
  /** Writes one line for each condition, not for each failure. */
  enter(stage: Stage, condition: Condition, error: Error): void;
  /** Call it when something succeeds. It ends the conditions that showed last at the same stage. */
  succeeded(stage: Stage): void;
  /** Waits longer each time in a row, at most 30 s. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Remembers why work has stopped. */
export function createTrouble(report: Report, clock: Clock, random: () => number): Trouble {
  /** Conditions that have not ended, in the order in which they began. */
  const conditions = new Map<Condition, { stage: Stage; since: number }>();
  let failures = 0;
  let waits = 0;
  const latest = () => [...conditions.keys()].at(-1);
  return {
    get condition() {
      return latest();
    },
    get failures() {
      return failures;
    },
    get waits() {
      return waits;
    },
    get mayReceive() {
      return [...conditions.values()].every(({ stage }) => stage === 'queue');
    },
    enter(stage, condition, error) {
      failures++;
      const lasting = conditions.get(condition);
      conditions.set(condition, { stage, since: lasting?.since ?? clock.now() });
      if (lasting) return;
      report.update({ condition });
      report.event('warn', `stopped.${condition}`, { detail: error.message, advice: ADVICE[condition] });
    },
    succeeded(stage) {
      for (const [condition, { stage: where, since }] of conditions) {
        if (where !== stage) continue;
        conditions.delete(condition);
        const seconds = Math.round((clock.now() - since) / 1000);
        report.event('info', `continued.${condition}`, { seconds });
        report.update({ condition: latest() });
      }
      if (conditions.size === 0) failures = waits = 0;
    },
    wait: (signal) => clock.sleep(waitAfter(++waits, random()), signal),
  };
}
