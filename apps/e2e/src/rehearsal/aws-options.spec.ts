import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { NormalizedSchema } from '@smithy/core/schema';
import { inputOf, optionOf } from './aws-options.ts';

type Schema = Parameters<typeof NormalizedSchema.of>[0];
const schemas = {
  alarms: new DescribeAlarmsCommand({}).schema,
  logs: new FilterLogEventsCommand({ logGroupName: 'x' }).schema,
  mapping: new UpdateEventSourceMappingCommand({ UUID: 'x' }).schema,
};
const read = (name: keyof typeof schemas, words: string) =>
  inputOf(words.split(' '), NormalizedSchema.of((schemas[name] as readonly unknown[])[4] as Schema));

it.each([
  ['FunctionName', 'function-name'],
  ['logGroupName', 'log-group-name'],
  ['UUID', 'uuid'],
  ['KMSKeyArn', 'kms-key-arn'],
  ['MaximumBatchingWindowInSeconds', 'maximum-batching-window-in-seconds'],
])('the option of %s is --%s', (member, option) => {
  expect(optionOf(member)).toBe(option);
});

it.each([
  ['mapping', '--uuid u --no-enabled', { UUID: 'u', Enabled: false }],
  ['mapping', '--enabled --batch-size 5', { Enabled: true, BatchSize: 5 }],
  ['mapping', '--scaling-config MaximumConcurrency=7', { ScalingConfig: { MaximumConcurrency: 7 } }],
  ['mapping', '--scaling-config {"MaximumConcurrency":7}', { ScalingConfig: { MaximumConcurrency: 7 } }],
  ['alarms', '--alarm-types MetricAlarm CompositeAlarm', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }],
  ['alarms', '--alarm-names ["a","b"]', { AlarmNames: ['a', 'b'] }],
  ['logs', '--log-group-name /g --start-time 5', { logGroupName: '/g', startTime: 5 }],
] as const)('%s %s', (name, words, input) => {
  expect(read(name, words)).toEqual({ input, query: undefined, output: 'json', outfile: undefined });
});

it('separates the options of the CLI itself and the output file', () => {
  expect(read('logs', '--query a.b --output text --log-group-name g ./file')).toEqual({
    input: { logGroupName: 'g' },
    query: 'a.b',
    output: 'text',
    outfile: './file',
  });
});

it.each([
  ['mapping', '--size 5', 'unknown option --size'],
  ['mapping', '--batch-size five', 'is no number'],
  ['mapping', '--batch-size 5 6', 'takes one value'],
  ['mapping', '--no-uuid', 'needs a value'],
  ['mapping', '--enabled yes', 'takes no value'],
  ['mapping', '--scaling-config 7', 'is no name=value'],
] as const)('%s %s is refused', (name, words, reason) => {
  expect(() => read(name, words)).toThrow(reason);
});
