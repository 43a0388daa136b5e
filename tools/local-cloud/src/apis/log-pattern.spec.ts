import { AlarmError } from '../alarms/alarm-error.ts';
import { parseLogPattern } from './log-pattern.ts';

const lines = ['ERROR no table', 'WARN no bucket', '{"level":"ERROR","message":"no table"}', '{not json'];

it.each([
  ['', [0, 1, 2, 3]],
  ['ERROR', [0, 2]],
  ['ERROR bucket', []],
  ['no -ERROR', [1, 3]],
  ['?ERROR ?WARN', [0, 1, 2]],
  ['"no table"', [0, 2]],
  ['-"no table"', [1, 3]],
  ['"\\"level\\""', [2]],
  ['error', []],
  ['{ $.level = "ERROR" }', [2]],
  ['{ $.message = "no *" }', [2]],
])('%s matches lines %j', (pattern, found) => {
  const matches = parseLogPattern(pattern);
  expect(lines.flatMap((line, index) => (matches(line) ? [index] : []))).toEqual(found);
});

it.each(['[ip, user]', '%[0-9]+%', 'no-such', '"open', 'ERROR ?WARN', '{ $.a }'])(
  '%s is refused',
  (pattern) => {
    expect(() => parseLogPattern(pattern)).toThrow(AlarmError);
  },
);
