import type { Clock } from '../retry/index.ts';

/** A clock that a test advances. Sleeping advances it too, so tests do not wait. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** @param start ms since the epoch */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  const alarms = new Set<{ moment: number; controller: AbortController }>();
  const advance = (ms: number) => {
    time += ms;
    for (const alarm of alarms) {
      if (alarm.moment > time) continue;
      alarms.delete(alarm);
      alarm.controller.abort();
    }
  };
  return {
    now: () => time,
    sleep: async (ms) => advance(ms),
    signalAt: (moment) => {
      const controller = new AbortController();
      if (moment <= time) controller.abort();
      else alarms.add({ moment, controller });
      return controller.signal;
    },
    advance,
  };
}
