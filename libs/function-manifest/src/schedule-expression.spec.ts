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
  ['cron(0 12 L * ? *)', '2026-02-01T00:00:00Z', '2026-02-28T12:00'],
  ['cron(0 9 1W * ? *)', '2026-08-01T00:00:00Z', '2026-08-03T09:00'],
  ['cron(0 9 15W * ? *)', '2026-02-01T00:00:00Z', '2026-02-16T09:00'],
  ['cron(0 9 31W * ? *)', '2026-01-01T00:00:00Z', '2026-01-30T09:00'],
  ['cron(0 9 ? * 6L *)', '2026-11-01T00:00:00Z', '2026-11-27T09:00'],
  ['cron(0 9 ? * TUE#2 *)', '2026-11-01T00:00:00Z', '2026-11-10T09:00'],
  ['cron(0 9 ? * L *)', '2026-11-01T00:00:00Z', '2026-11-07T09:00'],
  ['cron(59 23 31 12 ? 2199)', '2026-01-01T00:00:00Z', '2199-12-31T23:59'],
  ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z', undefined],
])('%s after %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each([
  ['rate(0 minutes)', 'the value must be at least 1'],
  ['rate(1 minutes)', 'the unit must be singular'],
  ['rate(5 minute)', 'the unit must be plural'],
  ['rate(5)', 'neither rate(value unit) nor cron(fields)'],
  ['at(2026)', 'neither rate(value unit) nor cron(fields)'],
  ['cron(* * * *)', 'cron has six fields, not 4'],
  ['cron(0 3 * * * *)', 'one of day of month and day of week must be ?'],
  ['cron(0 3 ? * ? *)', 'one of day of month and day of week must be ?'],
  ['cron(0 3 1 * MON *)', 'one of day of month and day of week must be ?'],
  ['cron(? 3 * * ? *)', '"?" is not valid in the field minutes (0 to 59)'],
  ['cron(61 * * * ? *)', '"61" is not valid in the field minutes (0 to 59)'],
  ['cron(0 24 * * ? *)', '"24" is not valid in the field hours (0 to 23)'],
  ['cron(0 0 0 * ? *)', '"0" is not valid in the field day of month (1 to 31)'],
  ['cron(0 0 ? * FRI-MON *)', '"FRI-MON" is not valid in the field day of week (1 to 7)'],
  ['cron(0 0 ? * 2#6 *)', 'a weekday occurs one to five times in a month'],
  ['cron(0/0 * * * ? *)', '"0/0" is not valid in the field minutes (0 to 59)'],
  ['cron(0 0 1 1 ? 1969)', '"1969" is not valid in the field year (1970 to 2199)'],
  ['cron(MON 0 1 1 ? *)', '"MON" is not valid in the field minutes (0 to 59)'],
])('%s is rejected', (expression, reason) => {
  expect(() => parseSchedule(expression)).toThrow(ScheduleError);
  expect(() => parseSchedule(expression)).toThrow(reason);
});
