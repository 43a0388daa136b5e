import { allow, arnOf, functionResources } from './assembly.ts';

const poll = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function bucket(name: string, properties: object = {}) {
  return {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: { 'Fn::Sub': `fixture-${name}-\${AWS::AccountId}-\${AWS::Region}` },
      VersioningConfiguration: { Status: 'Enabled' },
      ...properties,
    },
  };
}

/**
 * A small cloud with everything that the local cloud implements: landing → queue → batches, distribution replicated to
 * archive, a function for commands (schedule, rule, URL), and one that calls services.
 */
export const fixture: Record<string, unknown> = {
  Landing: bucket('landing', {
    NotificationConfiguration: {
      QueueConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Queue: arnOf('Queue'),
          Filter: {
            S3Key: {
              Rules: [
                { Name: 'prefix', Value: 'in/' },
                { Name: 'suffix', Value: '.txt' },
              ],
            },
          },
        },
      ],
      TopicConfigurations: [{ Event: 's3:ObjectRemoved:*', Topic: { Ref: 'Removals' } }],
    },
  }),
  Distribution: bucket('distribution', {
    ReplicationConfiguration: {
      Role: arnOf('ReplicationRole'),
      Rules: [
        {
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: 'bundles/' },
          DeleteMarkerReplication: { Status: 'Disabled' },
          Destination: { Bucket: arnOf('Archive') },
        },
      ],
    },
  }),
  Archive: bucket('archive'),
  ReplicationRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'replication-role',
      AssumeRolePolicyDocument: {},
      Policies: [
        {
          PolicyName: 'own',
          PolicyDocument: {
            Statement: [
              allow('s3:GetObjectVersionForReplication', { 'Fn::Join': ['', [arnOf('Distribution'), '/*']] }),
              allow('s3:ReplicateObject', { 'Fn::Join': ['', [arnOf('Archive'), '/bundles/*']] }),
            ],
          },
        },
      ],
    },
  },
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'fixture-queue',
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: 2 },
    },
  },
  DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'fixture-dead-letters' } },
  RemovalsA: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'fixture-removals-a' } },
  RemovalsB: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'fixture-removals-b' } },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: {
        Statement: [
          allow('sqs:SendMessage', arnOf('Queue'), {
            Principal: { Service: 's3.amazonaws.com' },
            Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::fixture-landing-*' } },
          }),
        ],
      },
    },
  },
  RemovalsPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'RemovalsA' }, { Ref: 'RemovalsB' }],
      PolicyDocument: {
        Statement: [allow('sqs:SendMessage', '*', { Principal: { Service: 'sns.amazonaws.com' } })],
      },
    },
  },
  Removals: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'fixture-removals' } },
  RemovalsTopicPolicy: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [{ Ref: 'Removals' }],
      PolicyDocument: {
        Statement: [
          allow('sns:Publish', { Ref: 'Removals' }, { Principal: { Service: 's3.amazonaws.com' } }),
        ],
      },
    },
  },
  SubscriptionA: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Removals' },
      Protocol: 'sqs',
      Endpoint: arnOf('RemovalsA'),
      RawMessageDelivery: true,
    },
  },
  SubscriptionB: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'Removals' }, Protocol: 'sqs', Endpoint: arnOf('RemovalsB') },
  },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'fixture-ledger',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    },
  },
  ...functionResources('Batches', 'batches', [allow(poll, arnOf('Queue'))]),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arnOf('Queue'),
      FunctionName: { Ref: 'Batches' },
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  },
  ...functionResources('Commands', 'commands', [], {
    MemorySize: 192,
    Environment: {
      Variables: {
        TABLE: { Ref: 'Table' },
        QUEUE_URL: {
          'Fn::Sub': 'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/fixture-queue',
        },
      },
    },
  }),
  ...functionResources(
    'Reader',
    'reader',
    [
      allow('s3:GetObject', { 'Fn::Sub': '${Landing.Arn}/in/*' }),
      allow('s3:ListBucket', arnOf('Landing')),
      allow('s3:PutObject', { 'Fn::Sub': '${Archive.Arn}/*' }),
    ],
    { Timeout: 10 },
  ),
  ArchivePolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Archive' },
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [arnOf('Archive'), { 'Fn::Sub': '${Archive.Arn}/*' }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            Sid: 'NobodyTouches',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: { 'Fn::Sub': '${Archive.Arn}/sealed/*' },
          },
        ],
      },
    },
  },
  SchedulerRole: {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'scheduler-role', AssumeRolePolicyDocument: {} },
  },
  SchedulerPolicy: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'invoke',
      Roles: [{ Ref: 'SchedulerRole' }],
      PolicyDocument: { Statement: allow('lambda:InvokeFunction', arnOf('Commands')) },
    },
  },
  Schedule: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'fixture-schedule',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: arnOf('Commands'), RoleArn: arnOf('SchedulerRole'), Input: '{"from":"schedule"}' },
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'fixture-rule',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      Targets: [{ Id: 'Target', Arn: arnOf('Commands') }],
    },
  },
  OrdersRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'fixture-orders',
      EventPattern: { source: ['orders'], detail: { amount: [{ numeric: ['>', 10] }] } },
      Targets: [{ Id: 'Target', Arn: arnOf('Commands') }],
    },
  },
  OrdersRulePermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Commands' },
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('OrdersRule'),
    },
  },
  RulePermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Commands' },
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('Rule'),
    },
  },
  Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: arnOf('Commands'), AuthType: 'NONE' } },
  Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{}' } },
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'fixture-errors',
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Commands' } }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    },
  },
};
