/** When a schedule fires: `rate(…)` or `cron(…)` as EventBridge writes them. */
export type Schedule =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly fields: readonly CronField[] };

/** The values a field allows; undefined for any (`*` and `?`). */
type CronField = ReadonlySet<number> | undefined;

/** The expression is not one, or uses what is not evaluated here. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

const minuteMs = 60_000;
const units: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Minutes, hours, day of month, month, day of week (1 is Sunday), year. */
const ranges: readonly { readonly from: number; readonly to: number; readonly names: readonly string[] }[] = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: months },
  { from: 1, to: 7, names: days },
  { from: 1970, to: 2199, names: [] },
];

/** @throws ScheduleError */
export function parseSchedule(expression: string): Schedule {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined && unit !== undefined && Number(count) > 0) {
    return { kind: 'rate', everyMs: Number(count) * (units[unit] ?? 1) * minuteMs };
  }
  const [, cron] = /^cron\((.+)\)$/.exec(expression) ?? [];
  const fields = cron?.trim().split(/\s+/) ?? [];
  if (fields.length !== ranges.length)
    throw new ScheduleError(`${expression} is neither rate(…) nor cron(…)`);
  return { kind: 'cron', fields: fields.map((field, index) => parseField(field, index, expression)) };
}

function parseField(field: string, index: number, expression: string): CronField {
  if (field === '*' || field === '?') return undefined;
  const range = ranges[index];
  if (!range) throw new ScheduleError(`${expression} has too many fields`);
  const { from, to, names } = range;
  const value = (text: string) => {
    const named = names.indexOf(text.toUpperCase());
    const number = named >= 0 ? named + from : Number(text);
    if (text === '' || !Number.isInteger(number) || number < from || number > to) {
      throw new ScheduleError(`${expression}: "${field}" is not evaluated by the local cloud`);
    }
    return number;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [span = '', step] = part.split('/');
    const [first = '', last] = span.split('-');
    const start = first === '*' ? from : value(first);
    const end = last !== undefined ? value(last) : step !== undefined || first === '*' ? to : start;
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1)
      throw new ScheduleError(`${expression}: "${part}" has no valid step`);
    for (let number = start; number <= end; number += stride) values.add(number);
  }
  return values;
}

/**
 * The next time a schedule fires, in milliseconds since 1970; undefined when it never does again.
 * A rate counts from when it was set up.
 */
export function nextFiring(schedule: Schedule, after: number): number | undefined {
  if (schedule.kind === 'rate') return after + schedule.everyMs;
  const [minutes, hours, monthDays, monthNumbers, weekDays, years] = schedule.fields;
  const allows = (field: CronField, value: number) => field === undefined || field.has(value);
  const time = new Date(Math.floor(after / minuteMs) * minuteMs + minuteMs);
  // Days are skipped whole, so that a rare schedule costs a few thousand steps and not millions.
  while (time.getUTCFullYear() <= 2199) {
    const dayMatches =
      allows(years, time.getUTCFullYear()) &&
      allows(monthNumbers, time.getUTCMonth() + 1) &&
      allows(monthDays, time.getUTCDate()) &&
      allows(weekDays, time.getUTCDay() + 1);
    if (!dayMatches) time.setUTCHours(24, 0, 0, 0);
    else if (!allows(hours, time.getUTCHours())) time.setUTCHours(time.getUTCHours() + 1, 0, 0, 0);
    else if (!allows(minutes, time.getUTCMinutes())) time.setUTCMinutes(time.getUTCMinutes() + 1, 0, 0);
    else return time.getTime();
  }
  return undefined;
}
