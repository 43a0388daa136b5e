import { AlarmError } from './alarm-error.ts';
import { statisticOf } from './statistics.ts';

const values = [4, 1, 3, 2, 10];

it.each([
  ['Sum', 20],
  ['SampleCount', 5],
  ['Average', 4],
  ['Maximum', 10],
  ['Minimum', 1],
  ['p0', 1],
  ['p50', 3],
  ['p99.9', 10],
  ['p100', 10],
])('%s is %d', (name, expected) => {
  expect(statisticOf(name)(values)).toBe(expected);
});

it.each(['IQM', 'tm90', 'p101', 'sum', 'TC(0:1)'])('%s throws an error that names it', (name) => {
  expect(() => statisticOf(name)).toThrow(
    new AlarmError(`the statistic ${name} is not supported by the local cloud`),
  );
});
