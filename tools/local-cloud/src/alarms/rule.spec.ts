import { AlarmError } from './alarm-error.ts';
import type { AlarmState } from './model.ts';
import { parseRule } from './rule.ts';

const states: Readonly<Record<string, AlarmState>> = {
  on: 'ALARM',
  off: 'OK',
  'arn:aws:cloudwatch:eu-central-1:0:alarm:on': 'ALARM',
};
const stateOf = (alarm: string) => states[alarm] ?? 'INSUFFICIENT_DATA';

it.each([
  ['ALARM("on")', true],
  ['ALARM(on)', true],
  ['ALARM(off)', false],
  ['OK(off)', true],
  ['INSUFFICIENT_DATA("other")', true],
  ['(ALARM("arn:aws:cloudwatch:eu-central-1:0:alarm:on") AND ALARM("off"))', false],
  ['ALARM(on) AND OK(off)', true],
  ['ALARM(off) OR ALARM(on)', true],
  ['ALARM(on) OR ALARM(on) AND ALARM(off)', true],
  ['(ALARM(on) OR ALARM(on)) AND ALARM(off)', false],
  ['NOT ALARM(on)', false],
  ['NOT (ALARM(on) AND ALARM(off))', true],
  ['TRUE AND NOT FALSE', true],
])('%s is %p', (text, expected) => {
  expect(parseRule(text)(stateOf)).toBe(expected);
});

it.each([
  ['AT_LEAST(2, ALARM, (a, b))', '"AT_LEAST" is not supported by the local cloud'],
  ['ALARM("a"', '")" expected before "the end"'],
  ['ALARM("a") ALARM("b")', 'unexpected "ALARM"'],
  ['ALARM("a") AND', 'unexpected end'],
  ['', 'unexpected end'],
])('%s throws an error that names the reason', (text, reason) => {
  expect(() => parseRule(text)).toThrow(AlarmError);
  expect(() => parseRule(text)).toThrow(reason);
});
