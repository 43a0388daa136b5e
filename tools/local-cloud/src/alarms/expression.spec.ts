import { parseExpression } from './expression.ts';
import { AlarmError } from './alarm-error.ts';

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
  ['100 * (1 - b / a)', 75],
  ['a / zero', undefined],
  ['100 * (1 - zero / zero)', undefined],
  ['none + 1', undefined],
  ['a >= 8', 1],
  ['a > 8', 0],
  ['b <= 2', 1],
  ['(a - b < 6) * 5', 0],
  ['a == 8', 1],
  ['a != 8', 0],
  ['none >= 1', undefined],
])('%s is %p', (text, expected) => {
  expect(parseExpression(text)(valueOf)).toBe(expected);
});

it.each([
  ['FILL(a, 0)', 'the function FILL is not supported by the local cloud'],
  ['a = 8', 'cannot be parsed by the local cloud'],
  ['a +', 'unexpected end'],
  ['(a', '")" expected before "the end"'],
  ['a b', 'unexpected "b"'],
  ['* a', 'unexpected "*"'],
  ['', 'unexpected end'],
])('%s throws an error that names the reason', (text, reason) => {
  expect(() => parseExpression(text)).toThrow(AlarmError);
  expect(() => parseExpression(text)).toThrow(reason);
});
