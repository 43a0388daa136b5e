import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest();
});
afterAll(() => s3.stop());

const configurationOf = async (Bucket: string) => {
  const request = new GetBucketNotificationConfigurationCommand({ Bucket });
  const { $metadata: _, ...configuration } = await s3.client.send(request);
  return configuration;
};

it('returns which events go to which queue, topic or function', async () => {
  const [queue, topic, lambda] = ['sqs', 'sns', 'lambda'].map(
    (service) => `arn:aws:${service}:eu-central-1:111122223333:name`,
  ) as [string, string, string];
  s3.createBucket({
    name: 'notifying',
    versioning: true,
    notifications: [
      { id: 'one', events: ['s3:ObjectCreated:*'], prefix: 'in+box/', suffix: '.xml', target: queue },
      { id: 'two', events: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Put'], prefix: '', target: topic },
      { id: 'three', events: ['s3:ObjectCreated:*'], target: lambda },
    ],
  });
  const FilterRules = [
    { Name: 'Prefix', Value: 'in+box/' },
    { Name: 'Suffix', Value: '.xml' },
  ];
  expect(await configurationOf('notifying')).toEqual({
    QueueConfigurations: [
      { Id: 'one', QueueArn: queue, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules } } },
    ],
    TopicConfigurations: [
      { Id: 'two', TopicArn: topic, Events: ['s3:ObjectRemoved:*', 's3:ObjectCreated:Put'] },
    ],
    LambdaFunctionConfigurations: [
      { Id: 'three', LambdaFunctionArn: lambda, Events: ['s3:ObjectCreated:*'] },
    ],
  });
});

it('is empty if nothing is configured', async () => {
  expect(await configurationOf('plain')).toEqual({});
});
