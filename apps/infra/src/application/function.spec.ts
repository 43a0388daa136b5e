import { join } from 'node:path';
import type { FunctionManifestInput } from '@data-aggregator/function-manifest';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { stateful } from '../stateful/stateful-stack.ts';
import { buildApp } from '../app/build-app.ts';
import { PROJECT_TAG, RESOURCE_TAG } from '../conventions/tags.ts';
import { fixtureFunction, fixtureWorkspace, functionTemplate, plain, template } from '../testing/fixture.ts';

interface Tagged {
  Properties?: { Tags?: { Key: string; Value: string }[] };
}
interface Tree {
  Resources: Record<string, Tagged>;
}

const quiet = { ...plain, tracing: false };
const s3 = (rest: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${rest}` });
const own = (service: string, rest: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
});
const bucket = (name: string) => `data-aggregator-dev-${name}-\${AWS::AccountId}-\${AWS::Region}`;

function statements(stack: Template): unknown[] {
  const [role] = Object.values(stack.findResources('AWS::IAM::Role')) as [
    { Properties: { Policies: [{ PolicyDocument: { Statement: unknown[] } }] } },
  ];
  return role.Properties.Policies[0].PolicyDocument.Statement;
}

/** The logical name of a resource; empty if it has none. */
function labelOf(properties: Tagged['Properties']): string {
  return properties?.Tags?.find(({ Key }) => Key === RESOURCE_TAG)?.Value ?? '';
}

function permissions(manifest: Partial<FunctionManifestInput>): unknown[] {
  const request = fixtureFunction({ trigger: { type: 'request' }, ...manifest });
  return statements(functionTemplate([request], quiet)).slice(1);
}

describe('a function', () => {
  it.each([
    [true, { UpdateRuntimeOn: 'FunctionUpdate' }],
    [false, Match.absent()],
  ])(
    'gets a new Node version only with a deployment, if the environment is protected: %s',
    (isProtected, expected) => {
      const environment = { ...plain, protected: isProtected };
      functionTemplate([fixtureFunction()], environment).hasResourceProperties('AWS::Lambda::Function', {
        RuntimeManagementConfig: expected,
      });
    },
  );

  it('follows its manifest, runs on arm64 and writes JSON logs that expire', () => {
    const stack = functionTemplate([fixtureFunction({ memoryMb: 256, timeoutSeconds: 30 })]);
    stack.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'data-aggregator-dev-aggregator',
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 30,
      EphemeralStorage: { Size: 512 },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: 'Logs' } },
      ReservedConcurrentExecutions: Match.absent(),
      VpcConfig: Match.absent(),
    });
    stack.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/data-aggregator/dev/aggregator',
      RetentionInDays: 14,
    });
  });

  it('can only write its own logs and receive from its own queue without `access`', () => {
    expect(statements(functionTemplate([fixtureFunction()], quiet))).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: own('logs', 'log-group:/data-aggregator/dev/aggregator:*'),
      },
      {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: own('sqs', 'data-aggregator-dev-aggregator'),
      },
    ]);
  });

  it('gets one action per verb on objects below the prefix, and lists the bucket without a condition', () => {
    expect(
      permissions({
        access: [
          {
            resource: 'archive',
            may: [
              'read',
              'read-version',
              'list',
              'list-versions',
              'write',
              'abort-upload',
              'delete',
              'restore',
            ],
            prefix: 'bundles/',
          },
        ],
      }),
    ).toEqual([
      {
        Effect: 'Allow',
        Action: [
          's3:GetObject',
          's3:GetObjectVersion',
          's3:PutObject',
          's3:AbortMultipartUpload',
          's3:DeleteObject',
          's3:RestoreObject',
        ],
        Resource: s3(`${bucket('archive')}/bundles/*`),
      },
      {
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketVersions'],
        Resource: s3(bucket('archive')),
      },
    ]);
  });

  it('gets one action per verb on the ledger', () => {
    expect(
      permissions({ access: [{ resource: 'ledger', may: ['get', 'put', 'update', 'delete'] }] }),
    ).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
        Resource: own('dynamodb', 'table/data-aggregator-dev-ledger'),
      },
    ]);
  });

  it("can get access to another function's queue and dead-letter queue", () => {
    expect(
      permissions({
        access: [
          { resource: 'queue', of: 'other', may: ['send'] },
          { resource: 'dead-letters', of: 'other', may: ['receive'] },
        ],
      }),
    ).toEqual([
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: own('sqs', 'data-aggregator-dev-other') },
      {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: own('sqs', 'data-aggregator-dev-other-dead-letters'),
      },
    ]);
  });

  it('has the tags of its manifest on all its resources', () => {
    const fn = fixtureFunction({ tags: { team: 'media', purpose: 'bundling' } });
    const resources = [functionTemplate([fn], quiet), template(stateful, [fn], quiet)]
      .flatMap((made) => Object.values(made.toJSON().Resources as Record<string, Tagged>))
      .filter(({ Properties }) => /^aggregator/.test(labelOf(Properties)));
    expect(resources.map(({ Properties }) => labelOf(Properties)).sort()).toEqual([
      'aggregator',
      'aggregator.dead-letters',
      'aggregator.logs',
      'aggregator.mapping',
      'aggregator.queue',
      'aggregator.role',
    ]);
    for (const { Properties } of resources) {
      expect(Properties?.Tags).toEqual(
        expect.arrayContaining([
          { Key: 'team', Value: 'media' },
          { Key: 'purpose', Value: 'bundling' },
        ]),
      );
    }
  });

  it('cannot override our tags with those of its manifest', () => {
    const workspace = fixtureWorkspace([fixtureFunction({ tags: { [PROJECT_TAG]: 'another' } })]);
    const { stacks } = buildApp(quiet, workspace, { outdir: join(workspace, 'out') }).synth();
    const { Resources } = stacks.find(({ id }) => id === 'application-aggregator')?.template as Tree;
    expect(Resources['Function']?.Properties?.Tags).toContainEqual({
      Key: PROJECT_TAG,
      Value: 'data-aggregator',
    });
  });

  it('sends traces only if the environment has tracing', () => {
    const trace = Match.objectLike({ Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] });
    const policies = (found: unknown) => ({ Policies: [{ PolicyDocument: { Statement: found } }] });
    functionTemplate([fixtureFunction()], plain).hasResourceProperties(
      'AWS::IAM::Role',
      policies(Match.arrayWith([trace])),
    );
    functionTemplate([fixtureFunction()], plain).hasResourceProperties('AWS::Lambda::Function', {
      TracingConfig: { Mode: 'Active' },
      Environment: {
        Variables: {
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
            'Fn::Sub': 'https://xray.${AWS::Region}.${AWS::URLSuffix}/v1/traces',
          },
        },
      },
    });
    functionTemplate([fixtureFunction()], quiet).hasResourceProperties('AWS::Lambda::Function', {
      TracingConfig: { Mode: 'PassThrough' },
      Environment: { Variables: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Match.absent() } },
    });
  });

  it('runs in the subnets of the network component, if there is one', () => {
    const network = { cidr: '10.0.0.0/24', prefixLists: { s3: 'pl-1', dynamodb: 'pl-2' } };
    const stack = functionTemplate([fixtureFunction()], { ...plain, network });
    stack.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: {
        SubnetIds: [{ Ref: 'SubnetA' }, { Ref: 'SubnetB' }],
        SecurityGroupIds: [{ Ref: 'SecurityGroup' }],
      },
    });
    stack.hasParameter('SubnetA', {
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Subnet::Id>',
      Default: '/data-aggregator/dev/network/subnet-a',
    });
  });
});

describe("a function's environment variables", () => {
  const variables = (environment: Record<string, string>, others: FunctionManifestInput[] = []) => {
    const stack = functionTemplate([fixtureFunction({ environment }), ...others], quiet);
    const [fn] = Object.values(stack.findResources('AWS::Lambda::Function')) as [
      { Properties: { Environment: { Variables: unknown } } },
    ];
    return fn.Properties.Environment.Variables;
  };
  const url = (queue: string) => ({
    'Fn::Sub': `https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${queue}`,
  });

  it('contain the owner of the buckets, unless the manifest sets it', () => {
    expect(variables({})).toEqual({ BUCKET_OWNER: { Ref: 'AWS::AccountId' } });
    expect(variables({ BUCKET_OWNER: '123456789012' })).toEqual({ BUCKET_OWNER: '123456789012' });
  });

  it('have their placeholders replaced', () => {
    const other = fixtureFunction({ name: 'other', trigger: { type: 'sqs' } });
    expect(
      variables(
        {
          LANDING: '${landing.name}',
          TABLE: '${ledger.name}',
          QUEUE: '${queue.url}',
          DEAD: '${dead-letters.url}',
          OTHER: '${queue.url:other}',
          DAYS: '${claims.retention-days}',
          PLAIN: 'as it is',
        },
        [other],
      ),
    ).toEqual({
      BUCKET_OWNER: { Ref: 'AWS::AccountId' },
      LANDING: { 'Fn::Sub': bucket('landing') },
      TABLE: 'data-aggregator-dev-ledger',
      QUEUE: url('data-aggregator-dev-aggregator'),
      DEAD: url('data-aggregator-dev-aggregator-dead-letters'),
      OTHER: url('data-aggregator-dev-other'),
      DAYS: '21',
      PLAIN: 'as it is',
    });
  });

  it.each(['${landing}', '${landing.name:aggregator}', '${}', '${queue.url:a:b}', '${constructor}'])(
    'refuse the unknown placeholder %s',
    (placeholder) => {
      expect(() => variables({ WANTED: placeholder })).toThrow(
        `function.json of aggregator: WANTED has the placeholder ${placeholder}: valid placeholders are landing.name,`,
      );
    },
  );

  it('refuse the queue of a function without a queue', () => {
    expect(() => variables({ WANTED: '${queue.url:nobody}' })).toThrow(
      'WANTED has the placeholder ${queue.url:nobody}: nobody has no queue.',
    );
  });
});

describe('the trigger of a function', () => {
  it('is an event source mapping with batch item failures and a maximum concurrency', () => {
    functionTemplate([
      fixtureFunction({
        trigger: { type: 'sqs', batchSize: 2000, batchWindowSeconds: 20, maxConcurrency: 7 },
      }),
    ]).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: own('sqs', 'data-aggregator-dev-aggregator'),
      BatchSize: 2000,
      MaximumBatchingWindowInSeconds: 20,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 7 },
      ProvisionedPollerConfig: Match.absent(),
    });
  });

  it('is a rule for a schedule or for events, and only that rule can invoke the function', () => {
    const scheduled = functionTemplate([
      fixtureFunction({ trigger: { type: 'schedule', expression: 'rate(5 minutes)' } }),
    ]);
    scheduled.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
    scheduled.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
    });
    functionTemplate([
      fixtureFunction({ trigger: { type: 'event-bridge', pattern: { source: ['aws.s3'] } } }),
    ]).hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: ['aws.s3'] } });
  });

  it('is a URL, with IAM authentication unless the manifest says none', () => {
    const closed = functionTemplate([fixtureFunction({ trigger: { type: 'function-url' } })]);
    closed.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' });
    closed.resourceCountIs('AWS::Lambda::Permission', 0);
    const open = functionTemplate([fixtureFunction({ trigger: { type: 'function-url', auth: 'none' } })]);
    open.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    open.resourceCountIs('AWS::Lambda::Permission', 2);
  });

  it('is nothing for a request function', () => {
    const stack = functionTemplate([fixtureFunction({ trigger: { type: 'request' } })]);
    for (const type of ['AWS::Lambda::EventSourceMapping', 'AWS::Events::Rule', 'AWS::Lambda::Url']) {
      stack.resourceCountIs(type, 0);
    }
  });
});
