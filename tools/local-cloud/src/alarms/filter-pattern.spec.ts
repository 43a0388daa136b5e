import { AlarmError } from './alarm-error.ts';
import { parseFilterPattern } from './filter-pattern.ts';

const line = { type: 'platform.report', record: { status: 'timeout', metrics: { durationMs: 12 } } };

it.each([
  ['{ $.type = "platform.report" }', true],
  ['{ $.type = "platform.start" }', false],
  ['{ $.type != "platform.start" }', true],
  ['{ ($.type = "platform.report") && ($.record.status = "timeout") }', true],
  ['{ ($.type = "platform.report") && ($.record.status = "success") }', false],
  ['{ ($.type = "x") || ($.record.metrics.durationMs >= 12) }', true],
  ['{ $.record.metrics.durationMs > 12 }', false],
  ['{ $.record.metrics.durationMs < 12.5 }', true],
  ['{ $.none.of.it = 1 }', false],
  ['{ $.type = "platform.*" }', true],
  ['{ $.type = "*.start" }', false],
  ['{ $.type != "plat*" }', false],
  ['{ $.record.metrics.durationMs = "1*" }', false],
])('%s is %p', (text, expected) => {
  expect(parseFilterPattern(text)(line)).toBe(expected);
});

it.each([
  ['ERROR', 'cannot be parsed'],
  ['[a, b]', 'cannot be parsed'],
  ['"quoted"', '"{" expected'],
  ['{ $.a IS NULL }', 'cannot be parsed'],
  ['{ $.a }', '"}" is not a comparison'],
  ['{ $.a = $.b }', '"$.b" is not a value'],
  ['{ $.a = 1', '"}" expected before "the end"'],
])('%s throws an error that names the reason', (text, reason) => {
  expect(() => parseFilterPattern(text)).toThrow(AlarmError);
  expect(() => parseFilterPattern(text)).toThrow(reason);
});
