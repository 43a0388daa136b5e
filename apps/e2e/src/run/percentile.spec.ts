import { percentile } from './percentile.ts';

const oneTo = (n: number) => Array.from({ length: n }, (_, index) => n - index);

it.each([
  [[], 50, undefined],
  [[7], 50, 7],
  [[7], 99.9, 7],
  [oneTo(4), 50, 2],
  [oneTo(100), 95, 95],
  [oneTo(100), 99.9, 100],
  [oneTo(2000), 99.9, 1998],
])('of %j, %d %% do not exceed %p', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});
