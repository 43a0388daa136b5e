import { environment as dev } from '../environments/dev.ts';
import type { Environment, Retention } from '../environments/environment.ts';
import { COMPONENT_TAG, ENVIRONMENT_TAG, PROJECT_TAG, RESOURCE_TAG } from '../conventions/tags.ts';
import { claimsOutliveLanding } from './claims-outlive-landing.ts';
import { claimsOutliveQueues } from './claims-outlive-queues.ts';
import { dataBucketsKeepVersions } from './data-buckets-keep-versions.ts';
import { deadLettersOutliveSource } from './dead-letters-outlive-source.ts';
import { everythingIsTagged } from './everything-is-tagged.ts';
import { functionsAreWatched } from './functions-are-watched.ts';
import { groupsAgree } from './groups-agree.ts';
import { landingOutlivesDeadLetters } from './landing-outlives-dead-letters.ts';
import { manifestsOutliveClaims } from './manifests-outlive-claims.ts';
import { noWildcards } from './no-wildcards.ts';
import { publishedOnce } from './published-once.ts';
import { queuesAreWatched } from './queues-are-watched.ts';
import { replicasAreWatched } from './replicas-are-watched.ts';
import type { Resource } from '../templates/resources.ts';
import type { Rule } from './rule.ts';
import { uploadsExpire } from './uploads-expire.ts';
import { versionsOutliveClaims } from './versions-outlive-claims.ts';
import { visibilityOutlivesClaims } from './visibility-outlives-claims.ts';

const DAY = 86_400;

function resource(type: string, properties: Record<string, unknown>, logicalId = type): Resource {
  return { stack: 'stack', template: 'stack.template.json', logicalId, type, properties };
}

function named(name: string): { Tags: unknown[] } {
  return { Tags: [{ Key: RESOURCE_TAG, Value: name }] };
}

function kept(retention: Partial<Retention>): Environment {
  return { ...dev, retention: { ...dev.retention, ...retention } };
}

function problems(rule: Rule, resources: Resource[], environment: Environment = dev): string[] {
  return rule.check({ environment, resources }).map(({ problem }) => problem);
}

/** A source queue and its dead-letter queue, with their retention in days. */
function queuePair(source: number, deadLetters: number): Resource[] {
  return [
    resource(
      'AWS::SQS::Queue',
      {
        QueueName: 'fn',
        MessageRetentionPeriod: source * DAY,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
      },
      'Source',
    ),
    resource(
      'AWS::SQS::Queue',
      { QueueName: 'fn-dead-letters', MessageRetentionPeriod: deadLetters * DAY },
      'Dead',
    ),
  ];
}

function bucket(name: string, properties: Record<string, unknown>): Resource {
  return resource('AWS::S3::Bucket', { ...named(name), ...properties });
}

describe('VisibilityOutlivesClaims', () => {
  const parts = (visibility: number, queue = 'fn', variables = { CLAIM_GRACE_SECONDS: '50' }) => [
    resource('AWS::Lambda::Function', { Timeout: 60, Environment: { Variables: variables } }, 'Function'),
    resource('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:fn' },
      FunctionName: { Ref: 'Function' },
      MaximumBatchingWindowInSeconds: 20,
    }),
    resource('AWS::SQS::Queue', { QueueName: queue, VisibilityTimeout: visibility }),
  ];
  const ofParts = (...args: Parameters<typeof parts>) => problems(visibilityOutlivesClaims, parts(...args));

  it('Noncompliance 1: a second too short', () => {
    expect(ofParts(134)).toEqual(['its visibility timeout is 134 s and must be 135 s']);
  });
  it('Noncompliance 2: a queue that is in no template', () => {
    expect(ofParts(135, 'other')).toEqual(['its queue "fn" is in none of the templates']);
  });
  it('Noncompliance 3: a function without a timeout', () => {
    const [, mapping, queue] = parts(135);
    const withoutFunction = [mapping, queue].flatMap((part) => part ?? []);
    expect(problems(visibilityOutlivesClaims, withoutFunction)).toHaveLength(1);
  });
  it('Noncompliance 4: a longer grace for claims than the message waits', () => {
    expect(ofParts(135, 'fn', { CLAIM_GRACE_SECONDS: '60' })).toHaveLength(1);
  });
  it('Compliance 1: window, timeout, claim grace, and five seconds to start', () => {
    expect(ofParts(135)).toEqual([]);
  });
  it('Compliance 2: a function without claims', () => {
    expect(
      problems(
        visibilityOutlivesClaims,
        parts(80).map((part) => ({ ...part, properties: { ...part.properties, Environment: undefined } })),
      ),
    ).toEqual([]);
  });
});

describe('DeadLettersOutliveSource', () => {
  it('Noncompliance 1: dead letters kept as long as messages in the source queue', () => {
    expect(problems(deadLettersOutliveSource, queuePair(4, 4))).toEqual([
      'dead letters are kept for 4 days, messages in the source queue for 4',
    ]);
  });
  it('Noncompliance 2: a dead-letter queue that no template contains', () => {
    expect(problems(deadLettersOutliveSource, queuePair(4, 14).slice(0, 1))).toHaveLength(1);
  });
  it('Compliance: dead letters kept longer', () => {
    expect(problems(deadLettersOutliveSource, queuePair(4, 14))).toEqual([]);
  });
});

describe('ClaimsOutliveQueues', () => {
  it('Noncompliance 1: claims kept as long as a message can return', () => {
    expect(problems(claimsOutliveQueues, queuePair(4, 14), kept({ claimDays: 18 }))).toEqual([
      'a message can return for 18 days, but claims are kept for 18',
    ]);
  });
  it('Noncompliance 2: a function with another retention in its environment', () => {
    const fn = resource('AWS::Lambda::Function', {
      Environment: { Variables: { CLAIM_RETENTION_DAYS: '7' } },
    });
    expect(problems(claimsOutliveQueues, [fn])).toEqual([
      'its CLAIM_RETENTION_DAYS is 7, but claims are kept for 21 days',
    ]);
  });
  it('Compliance: claims kept longer than a message can return', () => {
    expect(problems(claimsOutliveQueues, queuePair(4, 14), kept({ claimDays: 19 }))).toEqual([]);
  });
});

describe('GroupsAgree', () => {
  const bundling = (BUNDLE_GROUP_BY: string | undefined, id: string) =>
    resource(
      'AWS::Lambda::Function',
      {
        Environment: {
          Variables: {
            DISTRIBUTION_BUCKET: 'd',
            DEAD_LETTER_QUEUE_URL: 'q',
            ...(BUNDLE_GROUP_BY && { BUNDLE_GROUP_BY }),
          },
        },
      },
      id,
    );
  const pair = (one: string | undefined, other: string | undefined) => [
    bundling(one, 'A'),
    bundling(other, 'B'),
  ];

  it('Noncompliance 1: one bundling function divides into groups, the other does not', () => {
    expect(problems(groupsAgree, pair('segments:1', undefined))).toEqual([
      'its BUNDLE_GROUP_BY is segments:1, which differs between the bundling functions',
      'its BUNDLE_GROUP_BY is not set, which differs between the bundling functions',
    ]);
  });
  it('Noncompliance 2: an invalid value', () => {
    expect(problems(groupsAgree, [bundling('pattern:(a)', 'A')])).toEqual([
      'its BUNDLE_GROUP_BY is pattern:(a): expected a pattern that begins with ^',
    ]);
  });
  it('Compliance 1: the same groups', () => {
    expect(problems(groupsAgree, pair('segments:1', 'segments:1'))).toEqual([]);
  });
  it('Compliance 2: no groups', () => {
    expect(problems(groupsAgree, pair(undefined, undefined))).toEqual([]);
  });
  it('Compliance 3: another function without groups', () => {
    const monitor = resource(
      'AWS::Lambda::Function',
      { Environment: { Variables: { DISTRIBUTION_BUCKET: 'd' } } },
      'M',
    );
    expect(problems(groupsAgree, [bundling('segments:1', 'A'), monitor])).toEqual([]);
  });
});

describe('VersionsOutliveClaims', () => {
  const distribution = (days: number) =>
    bucket('distribution', {
      LifecycleConfiguration: {
        Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: days } }, { ExpirationInDays: 14 }],
      },
    });

  it('Noncompliance: kept as long as claims', () => {
    expect(problems(versionsOutliveClaims, [distribution(21)])).toEqual([
      'noncurrent versions are kept for 21 days, claims for 21',
    ]);
  });
  it('Compliance 1: kept longer than claims', () => {
    expect(problems(versionsOutliveClaims, [distribution(22)])).toEqual([]);
  });
  it('Compliance 2: another bucket', () => {
    expect(problems(versionsOutliveClaims, [{ ...distribution(1), properties: named('landing') }])).toEqual(
      [],
    );
  });
});

describe('ManifestsOutliveClaims', () => {
  const archive = (days: number) =>
    bucket('archive', { LifecycleConfiguration: { Rules: [{ ExpirationInDays: days }] } });

  it('Noncompliance: kept as long as claims', () => {
    expect(problems(manifestsOutliveClaims, [archive(21)])).toEqual([
      'manifests are kept for 21 days, claims for 21',
    ]);
  });
  it('Compliance 1: kept longer than claims', () => {
    expect(problems(manifestsOutliveClaims, [archive(22)])).toEqual([]);
  });
  it('Compliance 2: kept forever', () => {
    expect(problems(manifestsOutliveClaims, [bucket('archive', {})])).toEqual([]);
  });
});

describe('LandingOutlivesDeadLetters', () => {
  const landing = (current: number, noncurrent: number) =>
    bucket('landing', {
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: current },
          { NoncurrentVersionExpiration: { NoncurrentDays: noncurrent } },
        ],
      },
    });

  it('Noncompliance: a dead letter that can outlive its version', () => {
    expect(problems(landingOutlivesDeadLetters, [...queuePair(4, 14), landing(9, 8)])).toEqual([
      'a version is readable for 17 days, but a dead letter can name it for 18',
    ]);
  });
  it('Compliance: versions readable as long as dead letters name them', () => {
    expect(problems(landingOutlivesDeadLetters, [...queuePair(4, 14), landing(9, 9)])).toEqual([]);
  });
});

describe('ClaimsOutliveLanding', () => {
  const landing = (days: number) =>
    bucket('landing', {
      LifecycleConfiguration: {
        Rules: [{ ExpirationInDays: days }, { NoncurrentVersionExpiration: { NoncurrentDays: days } }],
      },
    });

  it('Noncompliance 1: a version that is readable after its claim expired', () => {
    expect(problems(claimsOutliveLanding, [landing(9)], kept({ claimDays: 19 }))).toEqual([
      'a landed version is readable for up to 20 days, but claims are kept for 19',
    ]);
  });
  it('Noncompliance 2: versions that never expire', () => {
    expect(problems(claimsOutliveLanding, [bucket('landing', {})])).toHaveLength(1);
  });
  it('Compliance 1: claims kept as long as the version, including both roundings', () => {
    expect(problems(claimsOutliveLanding, [landing(9)], kept({ claimDays: 20 }))).toEqual([]);
  });
  it('Compliance 2: another bucket', () => {
    expect(problems(claimsOutliveLanding, [bucket('distribution', {})])).toEqual([]);
  });
});

describe('DataBucketsKeepVersions', () => {
  const versions = { VersioningConfiguration: { Status: 'Enabled' } };
  const ends = { Id: 'end', NoncurrentVersionExpiration: { NoncurrentDays: 7 } };

  it('Noncompliance 1: versioning suspended', () => {
    const suspended = { VersioningConfiguration: { Status: 'Suspended' } };
    expect(
      problems(dataBucketsKeepVersions, [
        bucket('landing', { ...suspended, LifecycleConfiguration: { Rules: [ends] } }),
      ]),
    ).toEqual(['versioning is not enabled']);
  });
  it('Noncompliance 2: versions that never expire', () => {
    expect(problems(dataBucketsKeepVersions, [bucket('landing', versions)])).toEqual([
      'its noncurrent versions never expire',
    ]);
  });
  it('Noncompliance 3: manifests that move to an archive class', () => {
    const moves = { Id: 'all', Transitions: [{ StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 1 }] };
    expect(
      problems(dataBucketsKeepVersions, [
        bucket('archive', { ...versions, LifecycleConfiguration: { Rules: [ends, moves] } }),
      ]),
    ).toEqual(['its lifecycle rule "all" moves more than bundles/']);
  });
  it('Compliance 1: versions that expire, and only bundles that move', () => {
    const moves = {
      Prefix: 'bundles/',
      Transitions: [{ StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 1 }],
    };
    expect(
      problems(dataBucketsKeepVersions, [
        bucket('archive', { ...versions, LifecycleConfiguration: { Rules: [ends, moves] } }),
      ]),
    ).toEqual([]);
  });
  it('Compliance 2: a bucket that holds no data', () => {
    expect(problems(dataBucketsKeepVersions, [bucket('access-logs', {})])).toEqual([]);
  });
});

describe('UploadsExpire', () => {
  const landing = (rule: object) => bucket('landing', { LifecycleConfiguration: { Rules: [rule] } });
  const aborts = { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };

  it.each<[string, object]>([
    ['no such lifecycle rule', { Status: 'Enabled', ExpirationInDays: 9 }],
    ['a disabled lifecycle rule', { ...aborts, Status: 'Disabled' }],
    ['a lifecycle rule for some keys only', { ...aborts, Prefix: 'bundles/' }],
    ['a lifecycle rule with a filter', { ...aborts, Filter: {} }],
  ])('Noncompliance: %s', (_what, rule) => {
    expect(problems(uploadsExpire, [landing(rule)])).toEqual([
      'parts of uploads that nobody completes stay forever',
    ]);
  });
  it('Noncompliance: no lifecycle at all', () => {
    expect(problems(uploadsExpire, [bucket('landing', {})])).toHaveLength(1);
  });
  it('Compliance: a lifecycle rule that aborts all uploads', () => {
    expect(problems(uploadsExpire, [landing(aborts)])).toEqual([]);
  });
});

describe('NoWildcards', () => {
  const role = (statement: Record<string, unknown>) =>
    resource('AWS::IAM::Role', {
      Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } }],
    });

  it('Noncompliance 1: an action with a wildcard', () => {
    expect(problems(noWildcards, [role({ Action: 's3:Get*', Resource: 'arn:aws:s3:::b/*' })])).toEqual([
      'it allows the action "s3:Get*"',
    ]);
  });
  it('Noncompliance 2: every resource, for an action that supports resources', () => {
    expect(
      problems(noWildcards, [role({ Action: ['s3:GetObject', 'xray:PutTraceSegments'], Resource: '*' })]),
    ).toEqual(['it allows "s3:GetObject" on every resource']);
  });
  it('Noncompliance 3: NotAction', () => {
    expect(problems(noWildcards, [role({ NotAction: 's3:PutObject', Resource: 'arn:aws:s3:::b' })])).toEqual([
      'it allows all actions except a list (NotAction)',
    ]);
  });
  it("Noncompliance 4: in a queue's policy", () => {
    const policy = resource('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: 'arn' }] },
    });
    expect(problems(noWildcards, [policy])).toHaveLength(1);
  });
  it('Compliance 1: objects below a prefix', () => {
    expect(problems(noWildcards, [role({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/p/*' })])).toEqual(
      [],
    );
  });
  it('Compliance 2: an action that supports no resources', () => {
    expect(problems(noWildcards, [role({ Action: 'xray:PutTraceSegments', Resource: '*' })])).toEqual([]);
  });
  it('Compliance 3: a Deny statement', () => {
    expect(problems(noWildcards, [role({ Effect: 'Deny', Action: 's3:*', Resource: '*' })])).toEqual([]);
  });
});

describe('FunctionsAreWatched', () => {
  const alarm = (MetricName: string, Dimensions?: unknown[]) =>
    resource('AWS::CloudWatch::Alarm', { MetricName, Dimensions }, `Alarm${MetricName}`);
  const fn = resource('AWS::Lambda::Function', {
    ...named('fn'),
    FunctionName: 'data-aggregator-dev-fn',
    LoggingConfig: { LogGroup: { Ref: 'Logs' } },
  });
  const logs = resource('AWS::Logs::LogGroup', { RetentionInDays: 14 }, 'Logs');
  const alarms = [
    ...['Errors', 'Throttles', 'Duration'].map((metric) =>
      alarm(metric, [{ Name: 'FunctionName', Value: 'data-aggregator-dev-fn' }]),
    ),
    alarm('dev.fn.Timeouts'),
    alarm('dev.fn.MaxMemoryUsedMB'),
  ];

  it.each(alarms.map((missing) => [String(missing.properties.MetricName), missing] as const))(
    'Noncompliance: no alarm on %s',
    (metric, missing) => {
      const others = alarms.filter((candidate) => candidate !== missing);
      expect(problems(functionsAreWatched, [fn, logs, ...others])).toEqual([`it has no alarm on ${metric}`]);
    },
  );
  it("Noncompliance: an alarm on another function's errors", () => {
    const [, ...others] = alarms;
    const wrong = alarm('Errors', [{ Name: 'FunctionName', Value: 'data-aggregator-dev-other' }]);
    expect(problems(functionsAreWatched, [fn, logs, wrong, ...others])).toEqual([
      'it has no alarm on Errors',
    ]);
  });
  it('Noncompliance: logs that never expire', () => {
    expect(problems(functionsAreWatched, [fn, ...alarms])).toEqual(['its logs never expire']);
  });
  it('Compliance: all alarms, and logs that expire', () => {
    expect(problems(functionsAreWatched, [fn, logs, ...alarms])).toEqual([]);
  });
});

describe('QueuesAreWatched', () => {
  const alarm = (MetricName: string, queue: string) =>
    resource('AWS::CloudWatch::Alarm', { MetricName, Dimensions: [{ Name: 'QueueName', Value: queue }] });
  const age = alarm('ApproximateAgeOfOldestMessage', 'fn');
  const dead = alarm('ApproximateNumberOfMessagesVisible', 'fn-dead-letters');

  it('Noncompliance 1: no alarm on dead letters', () => {
    expect(problems(queuesAreWatched, [...queuePair(4, 14), age])).toEqual([
      'it has no alarm on its dead letters',
    ]);
  });
  it('Noncompliance 2: no alarm on waiting messages', () => {
    expect(problems(queuesAreWatched, [...queuePair(4, 14), dead])).toEqual([
      'it has no alarm on the age of its oldest message',
    ]);
  });
  it('Compliance: both alarms', () => {
    expect(problems(queuesAreWatched, [...queuePair(4, 14), age, dead])).toEqual([]);
  });
});

describe('EverythingIsTagged', () => {
  const tags = { [PROJECT_TAG]: 'data-aggregator', [ENVIRONMENT_TAG]: 'dev', [COMPONENT_TAG]: 'stateful' };
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

  it('Noncompliance: a tag is missing', () => {
    expect(problems(everythingIsTagged, [resource('AWS::SQS::Queue', { Tags: list.slice(1) })])).toEqual([
      `it has no tag "${PROJECT_TAG}"`,
    ]);
  });
  it('Compliance 1: tags in a list', () => {
    expect(problems(everythingIsTagged, [resource('AWS::SQS::Queue', { Tags: list })])).toEqual([]);
  });
  it('Compliance 2: tags in a map', () => {
    expect(problems(everythingIsTagged, [resource('AWS::SSM::Parameter', { Tags: tags })])).toEqual([]);
  });
  it('Compliance 3: a type that accepts no tags', () => {
    expect(problems(everythingIsTagged, [resource('AWS::SQS::QueuePolicy', {})])).toEqual([]);
  });
});

describe('PublishedOnce', () => {
  const denial = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: ['/bundles/*', '/manifests/*', '/receipts/*'].map((keys) => ({
      'Fn::Join': ['', [{ 'Fn::GetAtt': ['AWS::S3::Bucket', 'Arn'] }, keys]],
    })),
    Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  };
  const parts = (statement: object) => [
    bucket('archive', {}),
    resource('AWS::S3::BucketPolicy', {
      Bucket: { Ref: 'AWS::S3::Bucket' },
      PolicyDocument: { Statement: [statement] },
    }),
  ];

  it.each([
    ['an Allow', { ...denial, Effect: 'Allow' }],
    ['a Deny for one principal', { ...denial, Principal: { AWS: 'arn:x' } }],
    ['a Deny for another action', { ...denial, Action: 's3:DeleteObject' }],
    [
      'a Deny with the opposite condition',
      { ...denial, Condition: { Null: { 's3:if-none-match': 'false' } } },
    ],
    [
      'a Deny with an exception',
      { ...denial, Condition: { ...denial.Condition, ArnNotEquals: { 'aws:PrincipalArn': 'arn:x' } } },
    ],
    [
      'a Deny that also applies to parts of an upload',
      { ...denial, Condition: { Null: denial.Condition.Null } },
    ],
    [
      'a Deny that only applies to parts of an upload',
      { ...denial, Condition: { ...denial.Condition, Bool: { 's3:ObjectCreationOperation': 'false' } } },
    ],
    ['a Deny for other keys', { ...denial, Resource: 'arn:aws:s3:::archive/elsewhere/*' }],
  ])('Noncompliance: %s', (_what, statement) => {
    expect(problems(publishedOnce, parts(statement))).toEqual([
      'its policy allows an object below /bundles/* to be replaced',
      'its policy allows an object below /manifests/* to be replaced',
      'its policy allows an object below /receipts/* to be replaced',
    ]);
  });
  it('Noncompliance: manifests and receipts left out', () => {
    expect(problems(publishedOnce, parts({ ...denial, Resource: denial.Resource[0] }))).toEqual([
      'its policy allows an object below /manifests/* to be replaced',
      'its policy allows an object below /receipts/* to be replaced',
    ]);
  });
  it('Noncompliance: the policy of another bucket', () => {
    const [archive, policy] = parts(denial);
    const other = { ...policy, properties: { ...policy?.properties, Bucket: { Ref: 'Other' } } } as Resource;
    expect(problems(publishedOnce, [archive as Resource, other])).toHaveLength(3);
  });
  it('Compliance: a policy that refuses to replace', () => {
    expect(problems(publishedOnce, parts(denial))).toEqual([]);
    expect(problems(publishedOnce, [bucket('landing', {})])).toEqual([]);
  });
});

describe('ReplicasAreWatched', () => {
  const replicated = (Metrics: object) =>
    bucket('distribution', {
      ReplicationConfiguration: { Rules: [{ Id: 'bundles', Destination: { Metrics } }] },
    });
  const watching = (metric: string, rule = 'bundles') =>
    resource('AWS::CloudWatch::Alarm', {
      MetricName: metric,
      Dimensions: [{ Name: 'RuleId', Value: rule }],
    });
  const both = [watching('OperationsFailedReplication'), watching('ReplicationLatency')];

  it('Noncompliance 1: no metrics', () => {
    expect(problems(replicasAreWatched, [replicated({ Status: 'Disabled' }), ...both])).toEqual([
      'its replication rule "bundles" has no metrics enabled',
    ]);
  });
  it('Noncompliance 2: no alarm on failures', () => {
    expect(
      problems(replicasAreWatched, [replicated({ Status: 'Enabled' }), watching('ReplicationLatency')]),
    ).toEqual(['its replication rule "bundles" has no alarm on OperationsFailedReplication']);
  });
  it('Noncompliance 3: alarms on another replication rule', () => {
    const others = [watching('OperationsFailedReplication', 'x'), watching('ReplicationLatency', 'x')];
    expect(problems(replicasAreWatched, [replicated({ Status: 'Enabled' }), ...others])).toHaveLength(2);
  });
  it('Compliance: metrics, and alarms on failures and delays', () => {
    expect(problems(replicasAreWatched, [replicated({ Status: 'Enabled' }), ...both])).toEqual([]);
  });
});
