import { Match, type Template } from 'aws-cdk-lib/assertions';
import { groupName } from '@data-aggregator/shared-processing/groups';
import type { Environment } from '../environments/environment.ts';
import { environment as dev } from '../environments/dev.ts';
import { environment as prod } from '../environments/prod.ts';
import { fixtureFunction, template } from '../testing/fixture.ts';
import { stateful } from './stateful-stack.ts';

const pattern = (bucket: string, key = '') =>
  `arn:\${AWS::Partition}:s3:::data-aggregator-dev-${bucket}-\${AWS::AccountId}-\${AWS::Region}${key}`;
const arn = (bucket: string, key = '') => ({ 'Fn::Sub': pattern(bucket, key) });

function bucket(stack: Template, id: string): Record<string, unknown> {
  const found = stack.findResources('AWS::S3::Bucket')[id];
  if (found === undefined) throw new Error(`There is no bucket ${id}.`);
  return found.Properties as Record<string, unknown>;
}

const lifecycle = (properties: Record<string, unknown>) =>
  (properties.LifecycleConfiguration as { Rules: unknown[] }).Rules;

describe('buckets', () => {
  const stack = template(stateful);

  it('are private and encrypted, and deny requests without TLS', () => {
    const ids = Object.keys(stack.findResources('AWS::S3::Bucket'));
    expect(ids).toEqual(['AccessLogs', 'Archive', 'Distribution', 'Landing']);
    for (const id of ids) {
      expect(bucket(stack, id)).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      });
      stack.hasResourceProperties('AWS::S3::BucketPolicy', {
        Bucket: { Ref: id },
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Deny',
              Action: 's3:*',
              Principal: '*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        },
      });
    }
  });

  it('are retained when their stack is deleted, in a protected environment only', () => {
    const kept = template(stateful, undefined, { ...dev, protected: true });
    for (const type of ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SQS::Queue']) {
      kept.allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      stack.allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    }
    kept.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    expect(prod.protected).toBe(true);
  });

  describe('landing', () => {
    it('notifies the queue through its own configuration, after the policy of the queue', () => {
      expect(bucket(stack, 'Landing').NotificationConfiguration).toEqual({
        QueueConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Queue: {
              'Fn::Sub':
                'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:data-aggregator-dev-aggregator',
            },
          },
        ],
      });
      const { DependsOn } = stack.findResources('AWS::S3::Bucket').Landing as { DependsOn: string[] };
      expect(DependsOn).toContain('AggregatorQueuePolicy');
    });

    it('filters by form-encoded prefix and suffix', () => {
      const filtered = template(stateful, [
        fixtureFunction({
          trigger: { type: 's3-sqs', bucket: 'landing', prefix: 'in bound~/', suffix: '.csv' },
        }),
      ]);
      expect(bucket(filtered, 'Landing').NotificationConfiguration).toMatchObject({
        QueueConfigurations: [
          {
            Filter: {
              S3Key: {
                Rules: [
                  { Name: 'prefix', Value: 'in+bound%7E/' },
                  { Name: 'suffix', Value: '.csv' },
                ],
              },
            },
          },
        ],
      });
    });

    it('keeps current objects for nine days, and noncurrent versions for nine more', () => {
      expect(lifecycle(bucket(stack, 'Landing'))).toEqual([
        { Id: 'expire', Status: 'Enabled', ExpirationInDays: 9 },
        {
          Id: 'expire-noncurrent',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 9 },
        },
        {
          Id: 'clean-up',
          Status: 'Enabled',
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ]);
    });

    it('accepts only files that functions can read, from all principals', () => {
      const denial = (Sid: string, Condition: object) => ({
        Sid,
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: arn('landing', '/*'),
        Condition,
      });
      const otherThan = (key: string, value: string) => ({
        Null: { [key]: 'false' },
        StringNotEquals: { [key]: value },
      });
      stack.hasResourceProperties('AWS::S3::BucketPolicy', {
        Bucket: { Ref: 'Landing' },
        PolicyDocument: {
          Statement: [
            Match.objectLike({ Sid: 'TlsOnly' }),
            denial('StandardClassOnly', otherThan('s3:x-amz-storage-class', 'STANDARD')),
            denial('NoCustomerKeys', {
              Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
            }),
            denial('NoKmsKeys', otherThan('s3:x-amz-server-side-encryption', 'AES256')),
          ],
        },
      });
    });

    it('allows the uploader to put objects from its addresses, and nothing else', () => {
      const uploader = {
        principals: ['arn:aws:iam::999999999999:role/uploader'],
        sourceIps: ['203.0.113.0/24'],
      };
      const Principal = { AWS: 'arn:aws:iam::999999999999:role/uploader' };
      template(stateful, undefined, { ...dev, uploader }).hasResourceProperties('AWS::S3::BucketPolicy', {
        Bucket: { Ref: 'Landing' },
        PolicyDocument: {
          Statement: [
            Match.objectLike({ Sid: 'TlsOnly' }),
            Match.objectLike({ Sid: 'StandardClassOnly' }),
            Match.objectLike({ Sid: 'NoCustomerKeys' }),
            Match.objectLike({ Sid: 'NoKmsKeys' }),
            {
              Sid: 'UploaderPuts',
              Effect: 'Allow',
              Principal,
              Action: 's3:PutObject',
              Resource: arn('landing', '/*'),
            },
            {
              Sid: 'UploaderDoesNothingElse',
              Effect: 'Deny',
              Principal,
              NotAction: 's3:PutObject',
              Resource: [arn('landing'), arn('landing', '/*')],
            },
            {
              Sid: 'UploaderFromItsAddresses',
              Effect: 'Deny',
              Principal,
              Action: 's3:PutObject',
              Resource: arn('landing', '/*'),
              Condition: { NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24'] } },
            },
          ],
        },
      });
    });
  });

  describe('distribution', () => {
    it('replicates bundles but not replays or deletions, with metrics', () => {
      expect(bucket(stack, 'Distribution').ReplicationConfiguration).toMatchObject({
        Rules: [
          {
            Status: 'Enabled',
            Filter: { Prefix: 'bundles/' },
            DeleteMarkerReplication: { Status: 'Disabled' },
            Destination: { Bucket: arn('archive'), Metrics: { Status: 'Enabled' } },
          },
        ],
      });
    });

    it('keeps uncollected bundles for fourteen days, and collected ones for thirty', () => {
      expect(lifecycle(bucket(stack, 'Distribution'))).toMatchObject([
        { ExpirationInDays: 14 },
        { NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
        { ExpiredObjectDeleteMarker: true },
      ]);
    });

    const statements = (role: string, of = stack) => {
      const roles = of.findResources('AWS::IAM::Role', { Properties: { RoleName: role } });
      const [found] = Object.values(roles) as [
        { Properties: { Policies: [{ PolicyDocument: { Statement: unknown } }] } },
      ];
      return found.Properties.Policies[0].PolicyDocument.Statement;
    };

    it('allows the consumer to take bundles, and to store receipts once, but not to delete versions', () => {
      expect(statements('data-aggregator-dev-consumer')).toEqual([
        { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('distribution') },
        {
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:DeleteObject'],
          Resource: [arn('distribution', '/bundles/*'), arn('distribution', '/replays/*')],
        },
        {
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: ['manifests/bundles', 'receipts/bundles', 'receipts/replays'].map((prefix) =>
            arn('archive', `/${prefix}/*`),
          ),
        },
        {
          Effect: 'Allow',
          Action: 's3:PutObject',
          Resource: [arn('archive', '/receipts/bundles/*'), arn('archive', '/receipts/replays/*')],
          Condition: { Null: { 's3:if-none-match': 'false' } },
        },
        {
          Effect: 'Allow',
          Action: [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:ChangeMessageVisibility',
            'sqs:GetQueueAttributes',
          ],
          Resource: {
            'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:data-aggregator-dev-ready',
          },
        },
      ]);
    });

    it('allows the consumer everything only from its addresses, if the environment names any', () => {
      const consumer = { principals: [], sourceIps: ['192.0.2.0/24'] };
      const limited = template(stateful, undefined, { ...dev, consumer });
      for (const statement of statements('data-aggregator-dev-consumer', limited) as object[]) {
        expect(statement).toMatchObject({ Condition: { IpAddress: { 'aws:SourceIp': ['192.0.2.0/24'] } } });
      }
    });

    it('allows S3 only to replicate', () => {
      expect(statements('data-aggregator-dev-replication')).toEqual([
        {
          Effect: 'Allow',
          Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
          Resource: arn('distribution'),
        },
        {
          Effect: 'Allow',
          Action: [
            's3:GetObjectVersionForReplication',
            's3:GetObjectVersionAcl',
            's3:GetObjectVersionTagging',
          ],
          Resource: arn('distribution', '/bundles/*'),
        },
        {
          Effect: 'Allow',
          Action: ['s3:ReplicateObject', 's3:ReplicateTags'],
          Resource: arn('archive', '/bundles/*'),
        },
      ]);
    });
  });

  it('allow the consumer of a group to take that group’s bundles only, and to store receipts for them', () => {
    const withGroups = (consumerGroups: Environment['consumerGroups']) =>
      template(stateful, undefined, { ...dev, consumerGroups });
    const acme = { group: 'ACME', principals: [], sourceIps: ['203.0.113.0/24'] };
    const name = groupName('ACME');
    const IpAddress = { 'aws:SourceIp': ['203.0.113.0/24'] };
    withGroups({ acme }).hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'data-aggregator-dev-consumer-of-acme',
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 's3:ListBucket',
                Resource: arn('distribution'),
                Condition: {
                  IpAddress,
                  StringLike: { 's3:prefix': [`bundles/${name}/*`, `replays/_groups/${name}/*`] },
                },
              },
              {
                Effect: 'Allow',
                Action: ['s3:GetObject', 's3:DeleteObject'],
                Resource: [
                  arn('distribution', `/bundles/${name}/*`),
                  arn('distribution', `/replays/_groups/${name}/*`),
                ],
                Condition: { IpAddress },
              },
              {
                Effect: 'Allow',
                Action: 's3:GetObject',
                Resource: [
                  arn('archive', `/manifests/bundles/${name}/*`),
                  arn('archive', `/receipts/bundles/${name}/*`),
                  arn('archive', `/receipts/replays/_groups/${name}/*`),
                ],
                Condition: { IpAddress },
              },
              {
                Effect: 'Allow',
                Action: 's3:PutObject',
                Resource: [
                  arn('archive', `/receipts/bundles/${name}/*`),
                  arn('archive', `/receipts/replays/_groups/${name}/*`),
                ],
                Condition: { IpAddress, Null: { 's3:if-none-match': 'false' } },
              },
              {
                Effect: 'Allow',
                Action: [
                  'sqs:ReceiveMessage',
                  'sqs:DeleteMessage',
                  'sqs:ChangeMessageVisibility',
                  'sqs:GetQueueAttributes',
                ],
                Resource: {
                  'Fn::Sub':
                    'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:data-aggregator-dev-ready-acme',
                },
                Condition: { IpAddress },
              },
            ],
          },
        },
      ],
    });
    expect(() => withGroups({ ACME: acme })).toThrow('consumerGroups has the label "ACME"');
  });

  it('deny all principals to replace a bundle, a manifest or a receipt', () => {
    const once = (...resources: object[]) => ({
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Sid: 'WrittenOnce',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: resources.length === 1 ? resources[0] : resources,
            Condition: {
              Null: { 's3:if-none-match': 'true' },
              Bool: { 's3:ObjectCreationOperation': 'true' },
            },
          },
        ]),
      },
    });
    const keys = (id: string, below: string) => ({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, below]],
    });
    stack.hasResourceProperties('AWS::S3::BucketPolicy', once(keys('Distribution', '/bundles/*')));
    stack.hasResourceProperties(
      'AWS::S3::BucketPolicy',
      once(keys('Archive', '/bundles/*'), keys('Archive', '/manifests/*'), keys('Archive', '/receipts/*')),
    );
  });

  it('lock the archive only if the environment sets archiveLockDays', () => {
    const locked = template(stateful, undefined, {
      ...dev,
      retention: { ...dev.retention, archiveLockDays: 30 },
    });
    expect(bucket(locked, 'Archive')).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } },
    });
    expect(bucket(stack, 'Archive')).not.toHaveProperty('ObjectLockEnabled');
    expect(bucket(stack, 'Archive')).not.toHaveProperty('ObjectLockConfiguration');
  });

  it('use the trust policy for replication that AWS documents, without conditions', () => {
    stack.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'data-aggregator-dev-replication',
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 's3.amazonaws.com' } },
        ],
      },
    });
  });

  it('move archived bundles of any size to Deep Archive, but no manifests', () => {
    const archive = bucket(stack, 'Archive');
    expect(archive.LifecycleConfiguration).toMatchObject({
      TransitionDefaultMinimumObjectSize: 'varies_by_storage_class',
    });
    expect(lifecycle(archive)).toContainEqual({
      Id: 'deep-archive',
      Status: 'Enabled',
      Prefix: 'bundles/',
      Transitions: [{ StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 7 }],
    });
    const moving = lifecycle(archive).filter((rule) => 'Transitions' in (rule as object));
    expect(moving).toHaveLength(1);
  });

  it('come with a ledger on demand, with time to live and point-in-time recovery', () => {
    stack.hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: 'data-aggregator-dev-ledger',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
});

describe('two functions that listen to the same bucket', () => {
  const stack = template(stateful, [
    fixtureFunction(),
    fixtureFunction({
      name: 'thumbnailer',
      trigger: { type: 's3-sqs', bucket: 'landing', prefix: 'my images/' },
    }),
  ]);

  it('share a topic, because S3 permits one destination', () => {
    expect(bucket(stack, 'Landing').NotificationConfiguration).toEqual({
      TopicConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Topic: {
            'Fn::Sub':
              'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:data-aggregator-dev-landing-fan-out',
          },
        },
      ],
    });
  });

  it('each receive raw notifications, only of the keys they listen to', () => {
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: { 'Fn::GetAtt': ['AggregatorQueue', 'Arn'] },
      RawMessageDelivery: true,
      FilterPolicy: Match.absent(),
    });
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Endpoint: { 'Fn::GetAtt': ['ThumbnailerQueue', 'Arn'] },
      RawMessageDelivery: true,
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { Records: { s3: { object: { key: [{ prefix: 'my+images/' }] } } } },
    });
  });

  it('have queues that accept the topic instead of the bucket', () => {
    stack.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'ThumbnailerQueue' }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } }),
        ]),
      },
    });
  });
});
