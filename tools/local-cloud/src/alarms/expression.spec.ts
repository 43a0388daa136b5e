import { AlarmError } from './alarm-error.ts';
import { parseExpression } from './expression.ts';

const values: Readonly<Record<string, number | undefined>> = { a: 8, b: 2, zero: 0, none: undefined };
const valueOf = (id: string) => values[id];

it.each([
  ['1', 1],
  ['1.5', 1.5],
  ['a', 8],
  ['a + b * 3', 14],
  ['(a + b) * 3', 30],
  ['a - b - 1', 5],
  ['a / b / 2', 2],
  ['-a + 1', -7],
  ['b ^ 3 ^ 2', 512],
  ['-b ^ 2', -4],
  ['100 * (1 - b / a)', 75],
  ['a >= 8', 1],
  ['a < 8', 0],
  ['a + 1 > b * 4', 1],
  ['a == 8', 1],
  ['a != 8', 0],
  ['a / zero', undefined],
  ['100 * (1 - zero / zero)', undefined],
  ['none + 1', undefined],
  ['FILL(none, 0) + 1', 1],
  ['FILL(a, 0)', 8],
  ['IF(a > 5, b, 0)', 2],
  ['IF(a > 9, b, 0)', 0],
  ['IF(none, 1, 2)', undefined],
  ['SUM([a, b, none])', 10],
  ['AVG([a, b])', 5],
  ['MAX([a, b])', 8],
  ['MIN([a, b])', 2],
  ['MAX([none])', undefined],
  ['ABS(b - a)', 6],
  ['CEIL(a / 3) + FLOOR(a / 3)', 5],
])('%s is %p', (text, expected) => {
  expect(parseExpression(text)(valueOf)).toBe(expected);
});

it.each([
  ['ANOMALY_DETECTION_BAND(a, 2)', 'the function ANOMALY_DETECTION_BAND is not known to the local cloud'],
  ['SEARCH("x", 1)', 'is not understood by the local cloud'],
  ['a +', 'it ends too early'],
  ['(a', '")" is expected before "the end"'],
  ['a b', '"b" is one too many'],
  ['* a', '"*" is at a wrong place'],
  ['FILL(a)', 'FILL takes 2 arguments'],
  ['MAX(a, b)', 'MAX takes a list [a, b]'],
  ['', 'it ends too early'],
])('%s is an error that says why', (text, reason) => {
  expect(() => parseExpression(text)).toThrow(AlarmError);
  expect(() => parseExpression(text)).toThrow(reason);
});
