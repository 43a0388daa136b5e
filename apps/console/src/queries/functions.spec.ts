import { filterPattern, logEventOf } from './functions.ts';

describe('a log line', () => {
  it('of a function has its level, message and fields', () => {
    const line =
      '{"level":"WARN","message":"member.retried","service":"s","requestId":"r","object":"<b>","n":1}\n';
    expect(logEventOf(line, 5, 'aggregator')).toEqual({
      at: 5,
      level: 'WARN',
      message: 'member.retried',
      fields: '{"object":"<b>","n":1}',
      function: 'aggregator',
      requestId: 'r',
    });
  });

  it.each([
    ['REPORT RequestId: a-1 Duration: 5 ms', 'REPORT', 'a-1'],
    ['START RequestId: a-1 Version: 1', 'START', 'a-1'],
    ['Invoke Error {"errorType":"x"}', 'ERROR', undefined],
    ['plain {text', 'INFO', undefined],
    ['{not json', 'INFO', undefined],
  ])('of the platform, or in another form, is shown as it is: %s', (line, level, requestId) => {
    const { requestId: found, ...event } = logEventOf(line, 0, 'f');
    expect([event.level, event.message, event.fields, found]).toEqual([level, line, '', requestId]);
  });

  it('of Lambda in JSON, and of metrics, is named by its type', () => {
    expect(logEventOf('{"type":"platform.report","record":{"x":1}}', 0, 'f').message).toBe('platform.report');
    expect(logEventOf('{"_aws":{},"Bundled":3}', 0, 'f')).toMatchObject({
      level: 'METRIC',
      message: 'metrics',
    });
  });
});

it.each([
  ['', ''],
  [' member.retried ', '"member.retried"'],
  ['a "quoted" \\ word', String.raw`"a \"quoted\" \\ word"`],
  ['{ $.level = "ERROR" }', '{ $.level = "ERROR" }'],
])('searching for %p uses the pattern %p', (text, pattern) => {
  expect(filterPattern(text)).toBe(pattern);
});
