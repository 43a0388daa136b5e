/*
 * EventBridge's schedule expressions, in UTC.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * (AWS, "Setting a schedule pattern for scheduled rules in Amazon EventBridge")
 */

/** A parsed schedule: `rate(…)` or `cron(…)`. */
export type Schedule =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | {
      readonly kind: 'cron';
      readonly minutes: ReadonlySet<number>;
      readonly hours: ReadonlySet<number>;
      /** Whether the schedule fires on a day (UTC). */
      readonly firesOn: (day: Date) => boolean;
    };

/** EventBridge rejects the expression. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const UNITS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEK_DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;

/** A field of a cron expression: its name in errors, its bounds, and names of its values. */
interface Field {
  name: string;
  from: number;
  to: number;
  names?: readonly string[];
}

const FIELDS = {
  minutes: { name: 'minutes', from: 0, to: 59 },
  hours: { name: 'hours', from: 0, to: 23 },
  dayOfMonth: { name: 'day of month', from: 1, to: 31 },
  month: { name: 'month', from: 1, to: 12, names: MONTHS },
  /** 1 is Sunday. */
  dayOfWeek: { name: 'day of week', from: 1, to: 7, names: WEEK_DAYS },
  year: { name: 'year', from: 1970, to: LAST_YEAR },
} satisfies Record<string, Field>;

/**
 * Parses a schedule expression.
 *
 * @throws ScheduleError with one sentence that names the wrong part
 */
export function parseSchedule(expression: string): Schedule {
  const [, count = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  if (unit !== '') {
    const value = Number(count);
    if (value < 1) throw new ScheduleError(`${expression}: the value must be at least 1`);
    if ((value === 1) !== (plural === '')) {
      throw new ScheduleError(`${expression}: the unit must be ${value === 1 ? 'singular' : 'plural'}`);
    }
    return { kind: 'rate', everyMs: value * (UNITS[unit] ?? 1) * MINUTE_MS };
  }
  const [, cron] = /^cron\((.+)\)$/.exec(expression) ?? [];
  if (cron === undefined) {
    throw new ScheduleError(`${expression} is neither rate(value unit) nor cron(fields)`);
  }
  return parseCron(cron, expression);
}

function parseCron(cron: string, expression: string): Schedule {
  const fields = cron.trim().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if (year === undefined || fields.length !== 6) {
    throw new ScheduleError(`${expression}: cron has six fields, not ${fields.length}`);
  }
  const fail = (reason: string): never => {
    throw new ScheduleError(`${expression}: ${reason}`);
  };
  const values = (text: string, field: Field) => valuesOf(text, field, fail);
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return fail('one of day of month and day of week must be ?, and the other must not');
  }
  const months = values(month ?? '', FIELDS.month);
  const years = values(year, FIELDS.year);
  const dayMatches =
    dayOfWeek === '?' ? matchDayOfMonth(dayOfMonth ?? '', fail) : matchDayOfWeek(dayOfWeek ?? '', fail);
  return {
    kind: 'cron',
    minutes: values(minutes ?? '', FIELDS.minutes),
    hours: values(hours ?? '', FIELDS.hours),
    firesOn: (day) => years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && dayMatches(day),
  };
}

type Fail = (reason: string) => never;

/** The values of a list such as `1,5-9,20/10,*`. */
function valuesOf(text: string, field: Field, fail: Fail): Set<number> {
  const { name, from, to, names = [] } = field;
  const invalid = (part: string) => fail(`"${part}" is not valid in the field ${name} (${from} to ${to})`);
  const valueOf = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    const value = named >= 0 ? named + from : /^\d+$/.test(part) ? Number(part) : NaN;
    return value >= from && value <= to ? value : invalid(part);
  };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [span = '', step, ...rest] = part.split('/');
    const [first = '', last, ...more] = span.split('-');
    if (rest.length > 0 || more.length > 0) invalid(part);
    const start = first === '*' && last === undefined ? from : valueOf(first);
    const end = last !== undefined ? valueOf(last) : step !== undefined || first === '*' ? to : start;
    if (start > end) invalid(part);
    const stride = step === undefined ? 1 : /^[1-9]\d*$/.test(step) ? Number(step) : invalid(part);
    for (let value = start; value <= end; value += stride) values.add(value);
  }
  return values;
}

/** Day of month: a list, `L` for the last day, or `15W` for the weekday nearest to the 15th, in the same month. */
function matchDayOfMonth(text: string, fail: Fail): (day: Date) => boolean {
  if (text === 'L') return (day) => day.getUTCDate() === lastDayOf(day);
  const [, nearest] = /^(\d+)W$/.exec(text) ?? [];
  if (nearest !== undefined) {
    const [target = 1] = valuesOf(nearest, FIELDS.dayOfMonth, fail);
    return (day) => day.getUTCDate() === nearestWeekday(day, target);
  }
  const days = valuesOf(text, FIELDS.dayOfMonth, fail);
  return (day) => days.has(day.getUTCDate());
}

/** Day of week: a list, `L` for Saturday, `6L` for the month's last Friday, or `3#2` for its second Tuesday. */
function matchDayOfWeek(text: string, fail: Fail): (day: Date) => boolean {
  const weekDay = (day: Date) => day.getUTCDay() + 1;
  if (text === 'L') return (day) => weekDay(day) === FIELDS.dayOfWeek.to;
  const [, lastName, nthName, nth] = /^(?:(\w+)L|(\w+)#(\d+))$/.exec(text) ?? [];
  if (lastName !== undefined) {
    const days = valuesOf(lastName, FIELDS.dayOfWeek, fail);
    return (day) => days.has(weekDay(day)) && day.getUTCDate() + 7 > lastDayOf(day);
  }
  if (nthName !== undefined) {
    const days = valuesOf(nthName, FIELDS.dayOfWeek, fail);
    const occurrence = Number(nth);
    if (occurrence < 1 || occurrence > 5) fail(`"${text}": a weekday occurs one to five times in a month`);
    return (day) => days.has(weekDay(day)) && Math.ceil(day.getUTCDate() / 7) === occurrence;
  }
  const days = valuesOf(text, FIELDS.dayOfWeek, fail);
  return (day) => days.has(weekDay(day));
}

function lastDayOf(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

function nearestWeekday(day: Date, target: number): number {
  const last = lastDayOf(day);
  if (target > last) return NaN;
  const weekDay = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), target)).getUTCDay();
  if (weekDay === 6) return target > 1 ? target - 1 : target + 2;
  if (weekDay === 0) return target < last ? target + 1 : target - 2;
  return target;
}

/**
 * The next time a schedule fires, in ms since the epoch; undefined if it never fires again. A rate counts from the time of
 * its creation.
 *
 * @param after ms since the epoch
 */
export function nextFiring(schedule: Schedule, after: number): number | undefined {
  if (schedule.kind === 'rate') return after + schedule.everyMs;
  const { minutes, hours, firesOn } = schedule;
  const first = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  // Skips whole days, so a rare schedule takes thousands of steps instead of millions.
  for (let day = Math.floor(first / DAY_MS) * DAY_MS; ; day += DAY_MS) {
    const date = new Date(day);
    if (date.getUTCFullYear() > LAST_YEAR) return undefined;
    if (!firesOn(date)) continue;
    for (const hour of ascending(hours)) {
      for (const minute of ascending(minutes)) {
        const time = day + (hour * 60 + minute) * MINUTE_MS;
        if (time >= first) return time;
      }
    }
  }
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
