import type { EventLog, Fields, Metrics } from '../index.ts';

/** A logged event. */
export interface LoggedEvent {
  level: 'debug' | 'info' | 'warn' | 'error';
  event: string;
  fields: Fields;
}

/** A log that records its events, for tests. */
export function recordingLog(): EventLog & { events: LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  const write =
    (level: LoggedEvent['level']) =>
    (event: string, fields: Fields = {}) =>
      void events.push({ level, event, fields });
  return { events, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const nothing = () => undefined;

/** A log that discards its events, for tests. */
export const silentLog: EventLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Metrics for tests: sums of counts, and durations in the order of measurement. */
export function recordingMetrics(): Metrics & {
  counts: Map<string, number>;
  durations: Map<string, number[]>;
} {
  const counts = new Map<string, number>();
  const durations = new Map<string, number[]>();
  return {
    counts,
    durations,
    count: (name, n) => void counts.set(name, (counts.get(name) ?? 0) + n),
    seconds: (name, seconds) => void durations.set(name, [...(durations.get(name) ?? []), seconds]),
  };
}
