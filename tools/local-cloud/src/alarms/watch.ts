import type { AlarmReport } from './alarms.ts';

/**
 * Checks the alarms periodically and reports state changes until disposed of. The initial states are not reported.
 *
 * @param everyMs interval in milliseconds
 */
export function watchAlarms(
  report: () => Promise<readonly AlarmReport[]>,
  say: (line: string) => void,
  everyMs = 15_000,
): Disposable {
  let before: ReadonlyMap<string, AlarmReport> | undefined;
  let looking = false;
  let stopped = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const now = await report();
      if (stopped) return;
      for (const { name, state, reason } of now) {
        const old = before?.get(name)?.state;
        if (old !== undefined && old !== state) say(`alarm.changed ${name} ${old} → ${state}: ${reason}`);
      }
      before = new Map(now.map((alarm) => [alarm.name, alarm]));
    } catch (error) {
      if (!stopped) say(`alarms.failed ${String(error)}`);
    } finally {
      looking = false;
    }
  }
  void look();
  const clock = setInterval(() => void look(), everyMs);
  return {
    [Symbol.dispose]: () => {
      stopped = true;
      clearInterval(clock);
    },
  };
}
