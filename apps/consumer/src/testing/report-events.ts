import { createReport, type Report } from '../report/report.ts';

/** An event as it is logged, without its time. */
export interface LoggedEvent {
  level: string;
  event: string;
  [field: string]: unknown;
}

/** A report whose events a test can read. */
export function reportEvents(): { report: Report; events: LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  const write = (line: string) => {
    const { time: _time, ...event } = JSON.parse(line) as LoggedEvent;
    events.push(event);
  };
  const output = { write, isTTY: false, hasColour: false, stream: process.stdout };
  return { report: createReport(output, () => 0), events };
}
