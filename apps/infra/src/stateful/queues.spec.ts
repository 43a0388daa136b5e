import { Match } from 'aws-cdk-lib/assertions';
import { fixtureFunction, template } from '../testing/fixture.ts';
import { stateful } from './stateful-stack.ts';

/** The queue of the consumer and its dead-letter queue. */
const READY_QUEUES = 2;

describe('queues', () => {
  it('hide a message until its invocation has ended and the claims have expired: window, timeout and grace', () => {
    const stack = template(stateful, [
      fixtureFunction({
        timeoutSeconds: 300,
        trigger: {
          type: 's3-sqs',
          bucket: 'landing',
          batchSize: 2000,
          batchWindowSeconds: 20,
          graceSeconds: 40,
        },
      }),
    ]);
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'data-aggregator-dev-aggregator',
      VisibilityTimeout: 20 + 300 + 40,
    });
  });

  it('move messages to their own dead-letter queue, which has a longer retention and accepts no other source', () => {
    const stack = template(stateful, [fixtureFunction({ trigger: { type: 'sqs', maxReceiveCount: 7 } })]);
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'data-aggregator-dev-aggregator',
      MessageRetentionPeriod: 4 * 86_400,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        maxReceiveCount: 7,
        deadLetterTargetArn: { 'Fn::GetAtt': ['AggregatorDeadLetters', 'Arn'] },
      },
    });
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'data-aggregator-dev-aggregator-dead-letters',
      MessageRetentionPeriod: 14 * 86_400,
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [
          {
            'Fn::Sub':
              'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:data-aggregator-dev-aggregator',
          },
        ],
      },
    });
  });

  it('accept notifications from their bucket only, and nothing without TLS', () => {
    template(stateful).hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'AggregatorQueue' }],
      PolicyDocument: {
        Statement: [
          { Sid: 'TlsOnly', Effect: 'Deny', Action: 'sqs:*', Principal: '*' },
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 's3.amazonaws.com' },
            Condition: {
              ArnEquals: {
                'aws:SourceArn': {
                  'Fn::Sub':
                    'arn:${AWS::Partition}:s3:::data-aggregator-dev-landing-${AWS::AccountId}-${AWS::Region}',
                },
              },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          },
        ].map((statement) => Match.objectLike(statement)),
      },
    });
  });

  it('do not exist for a function without a queue trigger', () => {
    const stack = template(stateful, [
      fixtureFunction({ trigger: { type: 'schedule', expression: 'rate(1 minute)' } }),
    ]);
    stack.resourceCountIs('AWS::SQS::Queue', READY_QUEUES);
  });
});
