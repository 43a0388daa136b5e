import { nextFiring, parseSchedule, ScheduleError } from './schedule-expression.ts';

const next = (expression: string, after: string) => {
  const time = nextFiring(parseSchedule(expression), Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);
};

test.each([
  ['rate(1 minute)', '2026-01-01T00:00:30Z', '2026-01-01T00:01'],
  ['rate(5 minutes)', '2026-01-01T00:00:00Z', '2026-01-01T00:05'],
  ['rate(2 hours)', '2026-01-01T23:00:00Z', '2026-01-02T01:00'],
  ['rate(1 day)', '2026-02-28T00:00:00Z', '2026-03-01T00:00'],
  ['cron(0 3 * * ? *)', '2026-01-01T03:00:00Z', '2026-01-02T03:00'],
  ['cron(0 3 * * ? *)', '2026-01-01T02:59:59Z', '2026-01-01T03:00'],
  ['cron(0/15 * * * ? *)', '2026-01-01T10:46:00Z', '2026-01-01T11:00'],
  ['cron(30 8-9 ? * MON-FRI *)', '2026-01-02T09:30:00Z', '2026-01-05T08:30'],
  ['cron(0 0 1 JAN,JUL ? *)', '2026-01-01T00:00:00Z', '2026-07-01T00:00'],
  ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00'],
  ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z', undefined],
])('%s after %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each([
  'rate(0 minutes)',
  'rate(5)',
  'cron(* * * *)',
  'cron(0 0 L * ? *)',
  'cron(61 * * * ? *)',
  'at(2026)',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(ScheduleError);
});
