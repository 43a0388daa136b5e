import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { type Cloud, startCloud } from '../index.ts';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const alarm = (properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  },
});
const ofQueue = (MetricName: string, more: object = {}) =>
  alarm({
    Namespace: 'AWS/SQS',
    MetricName,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['RemovalsA', 'QueueName'] } }],
    ...more,
  });
const withAlarms = {
  ...fixture,
  Both: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmName: 'both',
      AlarmRule: {
        'Fn::Join': [
          '',
          [
            'ALARM("',
            { 'Fn::GetAtt': ['Old', 'Arn'] },
            '") AND ALARM("',
            { 'Fn::GetAtt': ['Alarm', 'Arn'] },
            '")',
          ],
        ],
      },
    },
  },
  Deep: ofQueue('ApproximateNumberOfMessagesVisible', { AlarmName: 'deep', Threshold: 2 }),
  Old: ofQueue('ApproximateAgeOfOldestMessage', { AlarmName: 'old', Threshold: 120, EvaluationPeriods: 2 }),
  Sent: ofQueue('NumberOfMessagesSent', { AlarmName: 'sent', Statistic: 'Sum', Threshold: 2 }),
};

describe('the alarms of the templates', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud({ assembly: writeAssembly(withAlarms) });
  });
  afterAll(() => cloud.stop());
  const states = async () =>
    Object.fromEntries((await cloud.alarms()).map(({ name, state }) => [name, state] as const));

  it('are OK while nothing happens', async () => {
    const off = { 'fixture-errors': 'OK', deep: 'OK', old: 'OK', sent: 'OK', both: 'OK' };
    expect(await states()).toEqual(off);
  });

  it('go into ALARM for waiting messages, for their age, and for failing functions', async () => {
    const sqs = new SQSClient(cloud.clientConfig());
    const QueueUrl = cloud.queues['fixture-removals-a']?.url;
    for (const MessageBody of ['1', '2']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    sqs.destroy();
    expect(await states()).toMatchObject({ deep: 'ALARM', sent: 'ALARM', old: 'OK' });

    await cloud.passTime(150);
    expect(await states()).toMatchObject({ deep: 'ALARM', sent: 'OK', old: 'OK' });
    await cloud.passTime(60);
    expect(await states()).toMatchObject({ old: 'ALARM', both: 'OK' });

    await cloud.invoke('commands', { do: 'throw', text: 'x' });
    expect(await states()).toMatchObject({ 'fixture-errors': 'ALARM', both: 'ALARM' });
    await cloud.passTime(301);
    expect(await states()).toMatchObject({ 'fixture-errors': 'OK', both: 'OK' });
  });
});

it.each([
  [{ Statistic: 'IQM' }, 'the statistic IQM is not supported by the local cloud'],
  [{ ThresholdMetricId: 'x' }, 'ThresholdMetricId: this property is not supported by the local cloud'],
  [{ Statistic: undefined }, 'an alarm needs Namespace, MetricName, Period and a statistic, or Metrics'],
  [
    { Metrics: [{ Id: 'e', Expression: 'RATE(m)' }] },
    '"RATE(m)": the function RATE is not supported by the local cloud',
  ],
  [{ Metrics: [{ Id: 'e', Expression: '1' }] }, 'its metrics must have the same period'],
])('an alarm with %j fails the boot', async (properties, reason) => {
  const assembly = writeAssembly({ ...fixture, Wrong: ofQueue('ApproximateAgeOfOldestMessage', properties) });
  await expect(startCloud({ assembly })).rejects.toThrow(
    `stack fixture, Wrong (AWS::CloudWatch::Alarm): ${reason}`,
  );
});
