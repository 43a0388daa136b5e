import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../index.ts';
import { allow, arnOf, writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };

const queue = (name: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } });

const queuePolicy = (queues: string[], service: string, source: unknown) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: queues.map((Ref) => ({ Ref })),
    PolicyDocument: {
      Statement: [
        allow('sqs:SendMessage', '*', {
          Principal: { Service: service },
          Condition: { ArnEquals: { 'aws:SourceArn': source } },
        }),
      ],
    },
  },
});

const { Properties: landing } = fixture['Landing'] as Resource;

/** Landing sends all events to EventBridge, and creations to a topic. */
const resources = {
  ...fixture,
  Landing: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      ...landing,
      NotificationConfiguration: {
        TopicConfigurations: [{ Event: 's3:ObjectCreated:*', Topic: { Ref: 'Removals' } }],
        EventBridgeConfiguration: { EventBridgeEnabled: true },
      },
    },
  },
  Objects: queue('fixture-objects'),
  Undelivered: queue('fixture-undelivered'),
  ObjectsPolicy: queuePolicy(['Objects', 'Undelivered'], 'events.amazonaws.com', arnOf('ObjectsRule')),
  ObjectsRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'fixture-objects',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created', 'Object Deleted'],
        detail: { bucket: { name: [{ Ref: 'Landing' }] }, object: { key: [{ wildcard: 'in/*.txt' }] } },
      },
      Targets: [{ Id: 'queue', Arn: arnOf('Objects'), DeadLetterConfig: { Arn: arnOf('Undelivered') } }],
    },
  },
  Filtered: queue('fixture-filtered'),
  FilteredPolicy: queuePolicy(['Filtered'], 'sns.amazonaws.com', { Ref: 'Removals' }),
  SubscriptionC: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Removals' },
      Protocol: 'sqs',
      Endpoint: arnOf('Filtered'),
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { Records: { s3: { object: { key: [{ prefix: 'in+box/' }] } } } },
      RedrivePolicy: { deadLetterTargetArn: arnOf('Filtered') },
    },
  },
};

const boot = (changes: object = {}) => startCloud({ assembly: writeAssembly({ ...resources, ...changes }) });

describe('a cloud', () => {
  let cloud: Cloud;
  let s3: S3Client;
  let sqs: SQSClient;
  beforeAll(async () => {
    cloud = await boot();
    s3 = new S3Client(cloud.clientConfig());
    sqs = new SQSClient(cloud.clientConfig());
  });
  afterAll(async () => {
    s3.destroy();
    sqs.destroy();
    await cloud.stop();
  });

  const put = (Key: string) =>
    s3.send(new PutObjectCommand({ Bucket: cloud.buckets['landing'], Key, Body: 'bytes' }));

  async function received(name: string) {
    const QueueUrl = cloud.queues[name]?.url;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
  }

  test('sends events of a bucket to the queue of a matching rule, with literal keys', async () => {
    const { VersionId } = await put('in/a b+%2B.txt');
    await put('in/other.csv');
    await s3.send(
      new DeleteObjectCommand({ Bucket: cloud.buckets['landing'], Key: 'in/a b+%2B.txt', VersionId }),
    );
    await cloud.idle();
    const events = await received('fixture-objects');
    expect(events).toMatchObject([
      {
        version: '0',
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '000000000000',
        time: expect.stringMatching(/:\d\dZ$/),
        region: cloud.region,
        resources: [`arn:aws:s3:::${cloud.buckets['landing']}`],
        detail: { object: { key: 'in/a b+%2B.txt', size: 5, 'version-id': VersionId } },
      },
      { 'detail-type': 'Object Deleted', detail: { 'deletion-type': 'Permanently Deleted' } },
    ]);
    expect(events[1]?.['detail']).not.toHaveProperty('object.size');
  });

  test('delivers to a subscription only what its filter policy accepts, in the envelope of SNS', async () => {
    await put('in box/a');
    await put('inbox/b');
    await cloud.idle();
    const messages = await received('fixture-filtered');
    expect(messages).toMatchObject([
      {
        Type: 'Notification',
        TopicArn: expect.stringMatching(/:fixture-removals$/),
        Signature: expect.any(String),
        SigningCertURL: expect.stringMatching(/^https:/),
        UnsubscribeURL: expect.stringMatching(/^https:/),
      },
    ]);
    expect(JSON.parse(String(messages[0]?.['Message']))).toMatchObject({
      Records: [{ s3: { object: { key: 'in+box/a' } } }],
    });
  });

  test('shows that a bucket sends its events to EventBridge', async () => {
    const show = (bucket: string) =>
      s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: cloud.buckets[bucket] }));
    expect(await show('landing')).toHaveProperty('EventBridgeConfiguration');
    expect(await show('archive')).not.toHaveProperty('EventBridgeConfiguration');
  });
});

describe('a cloud does not boot', () => {
  const withTarget = (target: object) => ({
    ObjectsRule: {
      Type: 'AWS::Events::Rule',
      Properties: { ...resources.ObjectsRule.Properties, Targets: [{ Id: 'queue', ...target }] },
    },
  });

  test.each([
    [
      'a rule may not send to its queue',
      withTarget({ Arn: arnOf('DeadLetters') }),
      /rule fixture-objects: the policy of .*fixture-dead-letters does not allow EventBridge to call sqs:SendMessage/,
    ],
    [
      'a rule may not send to its dead-letter queue',
      withTarget({ Arn: arnOf('Objects'), DeadLetterConfig: { Arn: arnOf('DeadLetters') } }),
      /rule fixture-objects: the policy of .*fixture-dead-letters does not allow EventBridge/,
    ],
    [
      'a rule sends to a queue that is missing',
      withTarget({ Arn: 'arn:aws:sqs:eu-central-1:000000000000:missing' }),
      /rule fixture-objects sends to .*:missing, which is not defined/,
    ],
    [
      'a rule has a target of another kind',
      withTarget({ Arn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:x' }),
      /a target that is neither a function nor a queue: arn:aws:states/,
    ],
    [
      'a filter policy has an unsupported operator',
      {
        SubscriptionC: {
          Type: 'AWS::SNS::Subscription',
          Properties: {
            ...resources.SubscriptionC.Properties,
            FilterPolicy: { a: [{ cidr: '10.0.0.0/8' }] },
          },
        },
      },
      /FilterPolicy: pattern\.a: the operator cidr is not supported/,
    ],
  ])('if %s', async (_, changes, message) => {
    await expect(boot(changes)).rejects.toThrow(message);
  });
});
