import { randomUUID } from 'node:crypto';
import { accountId } from '../assembly/identity.ts';
import type { TriggerModel } from '../assembly/model.ts';
import { nextFiring, parseSchedule } from '@data-aggregator/function-manifest';

/** Fires the cloud's schedules. */
export interface Clock {
  readonly stop: () => void;
}

/** Maximum delay of setTimeout, which fires immediately beyond it. */
const longestTimerMs = 2 ** 31 - 1;

/** The event sent by a trigger: its own input, or EventBridge's "Scheduled Event". */
export function triggerEvent({ input, arn }: TriggerModel, region: string, time: number): string {
  return (
    input ??
    JSON.stringify({
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: accountId,
      time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: [arn],
      detail: {},
    })
  );
}

/**
 * Starts the schedules. A schedule that is disabled when due does not fire, and becomes due again at its next time.
 *
 * @throws ScheduleError for an unsupported expression, before any schedule is started
 */
export function startClock(
  triggers: readonly TriggerModel[],
  isEnabled: (arn: string) => boolean,
  fire: (trigger: TriggerModel) => void,
): Clock {
  const timers = new Map<TriggerModel, NodeJS.Timeout>();
  const schedules = triggers.map((trigger) => ({ trigger, schedule: parseSchedule(trigger.expression) }));
  for (const { trigger, schedule } of schedules) {
    const arm = (after: number) => {
      const due = nextFiring(schedule, after);
      if (due === undefined) return;
      const waitFor = () => {
        const left = due - Date.now();
        if (left > longestTimerMs) return void timers.set(trigger, setTimeout(waitFor, longestTimerMs));
        timers.set(
          trigger,
          setTimeout(() => {
            arm(due);
            if (isEnabled(trigger.arn)) fire(trigger);
          }, left),
        );
      };
      waitFor();
    };
    arm(Date.now());
  }
  return { stop: () => timers.forEach((timer) => clearTimeout(timer)) };
}
