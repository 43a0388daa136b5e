import { Match, type Template } from 'aws-cdk-lib/assertions';
import type { FunctionManifestInput } from '@data-aggregator/function-manifest';
import type { Environment } from '../environments/environment.ts';
import { fixtureFunction, plain, template } from '../testing/fixture.ts';
import { stateful } from './stateful-stack.ts';

const own = (service: string, name: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:data-aggregator-dev-${name}`,
});
const distribution = {
  'Fn::Sub': 'arn:${AWS::Partition}:s3:::data-aggregator-dev-distribution-${AWS::AccountId}-${AWS::Region}',
};

/** The stack with an additional function that listens to keys of the distribution bucket. */
const listening = (filter: { prefix?: string; suffix?: string }) => {
  const trigger: FunctionManifestInput['trigger'] = { type: 's3-sqs', bucket: 'distribution', ...filter };
  return template(stateful, [fixtureFunction(), fixtureFunction({ name: 'indexer', trigger })]);
};

function notifications(stack: Template): unknown {
  const { Distribution } = stack.findResources('AWS::S3::Bucket') as Record<
    string,
    { Properties: { NotificationConfiguration?: unknown } }
  >;
  return Distribution?.Properties.NotificationConfiguration;
}

const prefixed = (value: string) => ({ Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: value }] } } });
const Event = 's3:ObjectCreated:*';

describe('the ready queue', () => {
  const stack = template(stateful);

  it('is notified of new and of replayed bundles', () => {
    const Queue = own('sqs', 'ready');
    expect(notifications(stack)).toEqual({
      QueueConfigurations: [
        { Event, Queue, ...prefixed('bundles/') },
        { Event, Queue, ...prefixed('replays/') },
      ],
    });
  });

  it('is encrypted, and moves messages to a dead-letter queue of its own', () => {
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'data-aggregator-dev-ready',
      SqsManagedSseEnabled: true,
      ReceiveMessageWaitTimeSeconds: 20,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['ReadyDeadLetters', 'Arn'] },
        maxReceiveCount: 100,
      },
    });
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'data-aggregator-dev-ready-dead-letters',
      SqsManagedSseEnabled: true,
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [own('sqs', 'ready')] },
    });
  });

  it('accepts messages from the distribution bucket only, and nothing without TLS', () => {
    stack.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'ReadyQueue' }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Sid: 'TlsOnly', Effect: 'Deny', Action: 'sqs:*' }),
          {
            Sid: 'DistributionNotifies',
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 's3.amazonaws.com' },
            Resource: { 'Fn::GetAtt': ['ReadyQueue', 'Arn'] },
            Condition: {
              ArnEquals: { 'aws:SourceArn': distribution },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          },
        ],
      },
    });
  });

  it('has an output with its URL', () => {
    stack.hasOutput('ReadyQueueUrl', {});
  });

  it('does not exist if the consumer only lists', () => {
    const without = template(stateful, undefined, { ...plain, readyQueue: false });
    expect(Object.keys(without.findResources('AWS::SQS::Queue'))).toEqual([
      'AggregatorDeadLetters',
      'AggregatorQueue',
    ]);
    expect(notifications(without)).toBeUndefined();
    expect(JSON.stringify(without.toJSON())).not.toContain('data-aggregator-dev-ready');
  });

  it('has a name that no function may have', () => {
    expect(() => template(stateful, [fixtureFunction({ name: 'ready' })])).toThrow(
      'A function cannot be called "ready"',
    );
  });
});

describe('the consumer of a group', () => {
  const consumer = { group: 'acme', principals: [], sourceIps: [] };
  const withGroup = (settings: Partial<Environment>, acme = {}) =>
    template(stateful, undefined, {
      ...plain,
      consumerGroups: { acme: { ...consumer, ...acme } },
      ...settings,
    });

  it('has a queue of its own, of which the bucket knows if no other consumer has one', () => {
    const Queue = own('sqs', 'ready-acme');
    const stack = withGroup({ readyQueue: false });
    expect(notifications(stack)).toEqual({
      QueueConfigurations: [
        { Event, Queue, ...prefixed('bundles/acme/') },
        { Event, Queue, ...prefixed('replays/_groups/acme/') },
      ],
    });
    stack.hasOutput('ReadyQueueUrlAcme', {});
  });

  it('shares topics with the consumer of all bundles', () => {
    const stack = withGroup({});
    expect(notifications(stack)).toEqual({
      TopicConfigurations: [
        { Event, Topic: own('sns', 'distribution-bundles-fan-out'), ...prefixed('bundles/') },
        { Event, Topic: own('sns', 'distribution-replays-fan-out'), ...prefixed('replays/') },
      ],
    });
    stack.resourceCountIs('AWS::SNS::Subscription', 4);
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: { 'Fn::GetAtt': ['ReadyAcmeQueue', 'Arn'] },
      RawMessageDelivery: true,
      FilterPolicy: { Records: { s3: { object: { key: [{ prefix: 'bundles/acme/' }] } } } },
    });
  });

  it('has no queue if it only lists', () => {
    const without = withGroup({ readyQueue: false }, { readyQueue: false });
    expect(JSON.stringify(without.toJSON())).not.toContain('-ready');
  });
});

describe('a function that listens to distribution', () => {
  const subscriptionsOf = (stack: Template) =>
    Object.values(stack.findResources('AWS::SNS::Subscription')).map(
      (found) => (found as { Properties: { Endpoint: unknown; FilterPolicy?: unknown } }).Properties,
    );

  it('shares one topic with the ready queue if it listens to all keys', () => {
    const stack = listening({});
    expect(notifications(stack)).toEqual({
      TopicConfigurations: [{ Event, Topic: own('sns', 'distribution-fan-out') }],
    });
    expect(subscriptionsOf(stack)).toEqual([
      expect.not.objectContaining({ FilterPolicy: expect.anything() }),
      expect.objectContaining({
        Endpoint: { 'Fn::GetAtt': ['ReadyQueue', 'Arn'] },
        FilterPolicy: {
          Records: { s3: { object: { key: [{ prefix: 'bundles/' }, { prefix: 'replays/' }] } } },
        },
      }),
    ]);
  });

  it('shares a topic for the keys that both listen to, and no other', () => {
    const stack = listening({ prefix: 'bundles/2026/' });
    expect(notifications(stack)).toEqual({
      QueueConfigurations: [{ Event, Queue: own('sqs', 'ready'), ...prefixed('replays/') }],
      TopicConfigurations: [
        { Event, Topic: own('sns', 'distribution-bundles-fan-out'), ...prefixed('bundles/') },
      ],
    });
    stack.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'ReadyQueue' }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Sid: 'TlsOnly' }),
          Match.objectLike({
            Sid: 'DistributionBundlesFanOutNotifies',
            Principal: { Service: 'sns.amazonaws.com' },
          }),
          Match.objectLike({ Sid: 'DistributionNotifies', Principal: { Service: 's3.amazonaws.com' } }),
        ],
      },
    });
  });
});
