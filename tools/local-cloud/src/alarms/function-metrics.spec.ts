import type { FunctionModel } from '../assembly/model.ts';
import type { LogLine } from '../lambda/log-store.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import { functionMetrics } from './function-metrics.ts';

const fn = { name: 'f', logGroup: '/f' } as FunctionModel;
const filter = (pattern: string, name: string, value: number | readonly string[], logGroup = '/f') => ({
  logGroup,
  pattern: parseFilterPattern(pattern),
  metric: { namespace: 'N', name, dimensions: {} },
  value,
});
const filters = [
  filter('{ ($.type = "platform.report") && ($.record.status = "timeout") }', 'Timeouts', 1),
  filter('{ $.type = "platform.report" }', 'Memory', ['record', 'metrics', 'maxMemoryUsedMB']),
  filter('{ $.type = "platform.report" }', 'Elsewhere', 1, '/g'),
  filter('{ $.level = "ERROR" }', 'ErrorLines', 1),
];

function measured(...lines: readonly [source: LogLine['source'], text: string][]) {
  const measure = functionMetrics([fn], filters);
  return lines
    .flatMap(([source, text]) =>
      measure({ functionName: 'f', logStream: 's', requestId: 'r', source, text, time: 0 }),
    )
    .map(({ metric, value }) => `${metric.name} ${value}`);
}
const report = 'REPORT RequestId: r Duration: 12.50 ms Memory Size: 512 MB';

it('a successful invocation does not count as an error', () => {
  expect(measured(['platform', 'START RequestId: r'], ['platform', report])).toEqual([
    'Invocations 1',
    'Errors 0',
    'Throttles 0',
    'Duration 12.5',
  ]);
});

it.each([
  ['{"errorType":"Error"}', []],
  ['{"errorType":"Sandbox.Timedout"}', ['Timeouts 1']],
])('an invocation that ends with %s counts as an error', (payload, more) => {
  const lines = measured(['platform', `Invoke Error ${payload}`], ['platform', report]);
  expect(lines).toEqual(['Invocations 1', 'Errors 1', 'Throttles 0', 'Duration 12.5', ...more]);
});

it('an error counts only for its own invocation', () => {
  const lines = measured(['platform', 'Invoke Error {}'], ['platform', report], ['platform', report]);
  expect(lines.filter((line) => line.startsWith('Errors'))).toEqual(['Errors 1', 'Errors 0']);
});

it('memory comes from the report, if it is known', () => {
  expect(measured(['platform', `${report} Max Memory Used: 99 MB`])).toContain('Memory 99');
});

it("a function's own lines pass through metric filters, and embedded metrics are extracted", () => {
  const emf = {
    _aws: { CloudWatchMetrics: [{ Namespace: 'N', Dimensions: [[]], Metrics: [{ Name: 'Own' }] }] },
    Own: 3,
  };
  const lines = measured(
    ['function', '{"level":"ERROR"}'],
    ['function', JSON.stringify(emf)],
    ['function', 'plain'],
    ['function', '{half'],
  );
  expect(lines).toEqual(['ErrorLines 1', 'Own 3']);
});
