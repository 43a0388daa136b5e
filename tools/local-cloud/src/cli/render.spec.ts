import pc from 'picocolors';
import type { LogLine } from '../lambda/log-store.ts';
import { renderLine } from './render.ts';

const plain = pc.createColors(false);
const line = (text: string, source: LogLine['source'] = 'function'): LogLine => ({
  functionName: 'dev-aggregator',
  logStream: 's',
  requestId: 'r',
  source,
  text,
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
});

test.each([
  [
    'a document',
    line(
      '{"level":"WARN","message":"member.quarantined","timestamp":"x","service":"s","key":"a b","size":7}',
    ),
    '03:04:05.006 WARN   dev-aggregator member.quarantined key="a b" size=7',
  ],
  ['text', line('plain words'), '03:04:05.006 INFO   dev-aggregator plain words'],
  [
    'text that only starts like a document',
    line('{not json'),
    '03:04:05.006 INFO   dev-aggregator {not json',
  ],
  [
    'metrics',
    line('{"_aws":{"CloudWatchMetrics":[]},"service":"s","Files":3}'),
    '03:04:05.006 METRIC dev-aggregator Files=3',
  ],
  ['the start of an invocation', line('START RequestId: r', 'platform'), undefined],
  [
    'a platform error',
    line('Invoke Error {"errorType":"x"}', 'platform'),
    '03:04:05.006 ERROR  dev-aggregator Invoke Error {"errorType":"x"}',
  ],
])('%s', (_name, given, expected) => {
  expect(renderLine(given, plain)).toBe(expected);
});

test.each([
  ['text', 'a\u009b2Jb\u202ec\rd'],
  ['a message', JSON.stringify({ message: 'a\u009b2Jb\u202ec\rd' })],
  ['a field', JSON.stringify({ message: 'm', key: 'a\u009b2Jb\u202ec\rd' })],
  ['the name of a field', JSON.stringify({ message: 'm', 'a\u009b2Jb\u202ec\rd': 1 })],
  ['a level', JSON.stringify({ message: 'm', level: 'a\u009b2Jb\u202ec\rd' })],
])('%s that contains terminal control characters is escaped', (_name, text) => {
  const rendered = renderLine(line(text), plain);
  expect(rendered).toMatch(/u009b2jb.*u202ec/i);
  expect(rendered).not.toMatch(/\p{Cc}|\u202e/u);
});

test('a long value is truncated', () => {
  const rendered = renderLine(line(JSON.stringify({ message: 'm', body: 'x'.repeat(1000) })), plain);
  expect(rendered).toMatch(/body=x{300}…$/);
});
