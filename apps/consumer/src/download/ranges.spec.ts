import { missingRanges } from './ranges.ts';

it.each<[number, number[], [number, number][]]>([
  [1, [], [[0, 0]]],
  [10, [], [[0, 9]]],
  [
    11,
    [],
    [
      [0, 9],
      [10, 10],
    ],
  ],
  [
    25,
    [1],
    [
      [0, 9],
      [20, 24],
    ],
  ],
  [20, [0, 1], []],
])('of %s bytes with the ranges %j complete, the others are missing', (size, done, expected) => {
  const ranges = missingRanges(size, new Set(done), 10).map(({ from, to }) => [from, to]);
  expect(ranges).toEqual(expected);
});
