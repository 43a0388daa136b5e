import type { FunctionManifestInput } from '@data-aggregator/function-manifest';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { fixtureFunction, plain, template } from '../testing/fixture.ts';
import { keyMatchers } from './event-bridge-rules.ts';
import { stateful } from './stateful-stack.ts';

type Trigger = Extract<FunctionManifestInput['trigger'], { type: 's3-sqs' }>;

const fn = (trigger: Partial<Trigger>, name = 'aggregator') =>
  fixtureFunction({ name, trigger: { type: 's3-sqs', bucket: 'landing', ...trigger } });

const queueArn = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const arn = (rest: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
const ownArn = (service: string, rest: string) =>
  arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`);
const landingName = 'data-aggregator-dev-landing-${AWS::AccountId}-${AWS::Region}';

function properties(stack: Template, type: string, id: string): Record<string, unknown> {
  const found = stack.findResources(type)[id];
  if (found === undefined) throw new Error(`There is no ${type} ${id}.`);
  return found.Properties as Record<string, unknown>;
}

/** Who may send to a queue, without the statement about TLS. */
function senders(stack: Template, id: string): unknown[] {
  const { PolicyDocument } = properties(stack, 'AWS::SQS::QueuePolicy', id);
  return (PolicyDocument as { Statement: unknown[] }).Statement.slice(1);
}

const notificationsOf = (stack: Template) =>
  properties(stack, 'AWS::S3::Bucket', 'Landing').NotificationConfiguration;

describe('a function that S3 notifies', () => {
  it('needs neither topic nor rule, and is the default', () => {
    const stack = template(stateful, [fn({ notifiedBy: 's3' })]);
    stack.resourceCountIs('AWS::SNS::Topic', 0);
    stack.resourceCountIs('AWS::Events::Rule', 0);
    expect(stack.toJSON()).toEqual(template(stateful, [fn({})]).toJSON());
  });
});

describe('a function that SNS notifies', () => {
  const stack = template(stateful, [fn({ notifiedBy: 'sns', prefix: 'in/', suffix: '.csv' })]);
  const topic = 'data-aggregator-dev-landing-in-csv-fan-out';

  it('has a topic to which only its bucket can publish, and a queue to which only that topic can send', () => {
    stack.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Sid: 'TlsOnly', Effect: 'Deny' }),
          Match.objectLike({
            Action: 'sns:Publish',
            Principal: { Service: 's3.amazonaws.com' },
            Condition: {
              ArnEquals: { 'aws:SourceArn': arn(`s3:::${landingName}`) },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          }),
        ],
      },
    });
    const topicSends = (queue: string) => ({
      Sid: 'LandingInCsvFanOutNotifies',
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 'sns.amazonaws.com' },
      Resource: queueArn(queue),
      Condition: { ArnEquals: { 'aws:SourceArn': ownArn('sns', topic) } },
    });
    expect(senders(stack, 'AggregatorQueuePolicy')).toEqual([topicSends('AggregatorQueue')]);
    expect(senders(stack, 'AggregatorDeadLettersPolicy')).toEqual([topicSends('AggregatorDeadLetters')]);
  });

  it('is notified through that topic only, with the filter of its trigger', () => {
    expect(notificationsOf(stack)).toEqual({
      TopicConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Topic: ownArn('sns', topic),
          Filter: {
            S3Key: {
              Rules: [
                { Name: 'prefix', Value: 'in/' },
                { Name: 'suffix', Value: '.csv' },
              ],
            },
          },
        },
      ],
    });
  });

  it("receives SNS's envelope, and SNS sends what it cannot deliver to the dead-letter queue", () => {
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'sqs',
      Endpoint: queueArn('AggregatorQueue'),
      RawMessageDelivery: false,
      RedrivePolicy: { deadLetterTargetArn: queueArn('AggregatorDeadLetters') },
      FilterPolicy: Match.absent(),
    });
  });

  it('can share keys with a function that S3 notifies: each has its own form', () => {
    const shared = template(stateful, [fn({ notifiedBy: 'sns' }), fn({ prefix: 'in/' }, 'thumbnailer')]);
    shared.resourceCountIs('AWS::SNS::Topic', 1);
    shared.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: queueArn('AggregatorQueue'),
      RawMessageDelivery: false,
    });
    shared.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: queueArn('ThumbnailerQueue'),
      RawMessageDelivery: true,
      RedrivePolicy: Match.absent(),
      FilterPolicy: { Records: { s3: { object: { key: [{ prefix: 'in/' }] } } } },
    });
    expect(senders(shared, 'ThumbnailerDeadLettersPolicy')).toEqual([]);
  });
});

describe('a function that EventBridge notifies', () => {
  const stack = template(stateful, [fn({ notifiedBy: 'event-bridge', prefix: 'in bound~/' })]);
  const rule = ownArn('events', 'rule/data-aggregator-dev-aggregator-objects');

  it('has a rule for new objects of its bucket, with the filter of its trigger as it is', () => {
    stack.hasResourceProperties('AWS::Events::Rule', {
      Name: 'data-aggregator-dev-aggregator-objects',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [{ 'Fn::Sub': landingName }] },
          object: { key: [{ prefix: 'in bound~/' }] },
        },
      },
      Targets: [
        {
          Id: 'queue',
          Arn: queueArn('AggregatorQueue'),
          DeadLetterConfig: { Arn: queueArn('AggregatorDeadLetters') },
        },
      ],
    });
  });

  it('has queues to which only that rule can send', () => {
    const ruleSends = (queue: string) => ({
      Sid: 'LandingNotifies',
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: queueArn(queue),
      Condition: { ArnEquals: { 'aws:SourceArn': rule } },
    });
    expect(senders(stack, 'AggregatorQueuePolicy')).toEqual([ruleSends('AggregatorQueue')]);
    expect(senders(stack, 'AggregatorDeadLettersPolicy')).toEqual([ruleSends('AggregatorDeadLetters')]);
  });

  it('listens to a bucket that sends its events to EventBridge, once rule and policies exist', () => {
    expect(notificationsOf(stack)).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
    const { DependsOn } = stack.findResources('AWS::S3::Bucket').Landing as { DependsOn: string[] };
    expect(DependsOn).toEqual(expect.arrayContaining(['AggregatorObjects', 'AggregatorQueuePolicy']));
  });

  it('can share keys with functions that are notified otherwise, without a topic', () => {
    const shared = template(stateful, [fn({ notifiedBy: 'event-bridge' }), fn({}, 'thumbnailer')]);
    shared.resourceCountIs('AWS::SNS::Topic', 0);
    expect(notificationsOf(shared)).toMatchObject({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
      QueueConfigurations: [{ Queue: ownArn('sqs', 'data-aggregator-dev-thumbnailer') }],
    });
  });
});

describe('an environment', () => {
  it('can have a function notified otherwise', () => {
    const environment = { ...plain, functions: { aggregator: { notifiedBy: 'event-bridge' as const } } };
    template(stateful, [fn({})], environment).resourceCountIs('AWS::Events::Rule', 1);
  });
});

describe('keyMatchers', () => {
  /** How EventBridge matches one of these matchers. */
  function matches(matcher: string | Record<string, string>, key: string): boolean {
    if (typeof matcher === 'string') return key === matcher;
    const { prefix, suffix, wildcard } = matcher;
    if (prefix !== undefined) return key.startsWith(prefix);
    if (suffix !== undefined) return key.endsWith(suffix);
    const pattern = String(wildcard).replaceAll(/\\(.)|(\*)|([^\\*])/gsu, (_, escaped, star, other) =>
      star ? '[^]*' : String(escaped ?? other).replace(/[\\^$.*+?()[\]{}|]/, String.raw`\$&`),
    );
    return new RegExp(`^${pattern}$`, 'u').test(key);
  }

  it('are none without a filter', () => {
    expect(keyMatchers({ prefix: '', suffix: '' })).toEqual([]);
  });

  it('escape what has a meaning in a wildcard', () => {
    expect(keyMatchers({ prefix: 'a*\\', suffix: '.csv' })).toEqual([{ wildcard: 'a\\*\\\\*.csv' }]);
  });

  it('match exactly the keys with prefix and suffix, also where these overlap', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 3 });
    const keys = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 6 });
    fc.assert(
      fc.property(part, part, keys, keys, (prefix, suffix, middle, other) => {
        fc.pre(prefix !== '' || suffix !== '');
        for (const key of [prefix + middle + suffix, prefix + suffix.slice(1), prefix, suffix, other]) {
          const is = keyMatchers({ prefix, suffix }).some((matcher) => matches(matcher, key));
          expect([key, is]).toEqual([key, key.startsWith(prefix) && key.endsWith(suffix)]);
        }
      }),
    );
  });
});
