import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture) });
});
afterAll(() => cloud.stop());

const queueName = () => Object.keys(cloud.queues).find((name) => name.includes('dead')) ?? '';

describe('metrics', () => {
  const query = (MetricName: string, Stat: string, Period = 60) => ({
    Id: 'a',
    MetricStat: {
      Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: queueName() }] },
      Period,
      Stat,
    },
  });
  const get = (queries: object[], role?: string) =>
    new CloudWatchClient(cloud.clientConfig(role)).send(
      new GetMetricDataCommand({
        MetricDataQueries: queries as never,
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 60_000),
      }),
    );

  it('are read by period and statistic', async () => {
    const sqs = new SQSClient(cloud.clientConfig());
    const QueueUrl = cloud.queues[queueName()]?.url;
    for (const MessageBody of ['a', 'b']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { MetricDataResults } = await get([query('NumberOfMessagesSent', 'Sum', 3600)]);
    expect(MetricDataResults).toMatchObject([{ Id: 'a', StatusCode: 'Complete' }]);
    const [{ Timestamps = [], Values = [] } = {}] = MetricDataResults ?? [];
    expect(Values.reduce((sum, value) => sum + value, 0)).toBe(2);
    expect((Timestamps[0]?.getTime() ?? 1) % 3_600_000).toBe(0);
  });

  it('of queues are measured when they are looked at', async () => {
    const { MetricDataResults } = await get([query('ApproximateNumberOfMessagesVisible', 'Maximum')]);
    expect(MetricDataResults?.[0]?.Values?.[0]).toBe(2);
  });

  it('that have no values give an empty result', async () => {
    const { MetricDataResults } = await get([query('Unheard', 'Sum')]);
    expect(MetricDataResults).toMatchObject([{ Id: 'a', Values: [], Timestamps: [] }]);
  });

  it.each([
    ['metric math', () => ({ Id: 'a', Expression: '1 + 1' }), /MetricStat/],
    ['an unknown statistic', () => query('NumberOfMessagesSent', 'Sometimes'), /not supported/],
  ])('refuse %s', async (_what, asked, message) => {
    await expect(get([asked()])).rejects.toThrow(message);
  });

  it('need cloudwatch:GetMetricData', async () => {
    await expect(get([query('NumberOfMessagesSent', 'Sum')], 'reader-role')).rejects.toThrow(/GetMetricData/);
  });
});

describe('the control paths', () => {
  const call = (path: string, body?: object, credentials = cloud.credentials.admin) =>
    fetch(`${cloud.endpoint}/_control${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        authorization: `Basic ${Buffer.from(`${credentials.accessKeyId}:${credentials.secretAccessKey}`).toString('base64')}`,
      },
    });
  const answer = async (path: string, body?: object) => (await call(path, body)).json();

  it('break the connections of roles, not those of the administrator, for as long as was asked', async () => {
    const ofRole = { ...cloud.clientConfig('reader-role'), maxAttempts: 1 };
    for (const service of ['s3', 'dynamodb'])
      await expect(answer('/outage', { service, seconds: 0.5 })).resolves.toMatchObject({
        outages: expect.arrayContaining([{ service, until: expect.any(Number) }]),
      });
    const broken = /socket hang up|ECONNRESET|aborted/;
    await expect(new S3Client(ofRole).send(new ListBucketsCommand())).rejects.toThrow(broken);
    await expect(new S3Client(cloud.clientConfig()).send(new ListBucketsCommand())).resolves.toBeDefined();
    await expect(
      new DynamoDBClient(cloud.clientConfig()).send(new ListTablesCommand()),
    ).resolves.toBeDefined();
    await sleep(600);
    await expect(new S3Client(ofRole).send(new ListBucketsCommand())).rejects.toThrow(/not allowed/);
    await expect(answer('')).resolves.toEqual({ outages: [] });
  });

  it('kill nothing while no invocation runs', async () => {
    const [name = ''] = Object.keys(cloud.functions);
    await expect(answer('/kill', { function: name })).resolves.toEqual({ killed: null });
  });

  it.each([
    ['an outage that is too long', '/outage', { service: 's3', seconds: 901 }, 400],
    ['an unknown service', '/outage', { service: 'sqs', seconds: 1 }, 400],
    ['an unknown operation', '/else', {}, 404],
  ])('refuse %s', async (_what, path, body, status) => {
    await expect(call(path, body)).resolves.toMatchObject({ status });
  });

  it('are for the administrator only', async () => {
    const { perRole } = cloud.credentials;
    const [role] = Object.values(perRole);
    await expect(call('', undefined, role)).resolves.toMatchObject({ status: 403 });
    await expect(fetch(`${cloud.endpoint}/_control`)).resolves.toMatchObject({ status: 403 });
  });
});
