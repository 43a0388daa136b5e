import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { createAuthorizer } from '../iam/authorizer.ts';
import { checkModel } from './check.ts';
import { AssemblyError, readCloudAssembly } from './cloud-assembly.ts';
import { interpret } from './interpret.ts';

const place = { region: 'eu-central-1', endpoint: 'http://127.0.0.1:1' };

function boot(resources: Record<string, unknown>) {
  const model = interpret(readCloudAssembly(writeAssembly(resources)), place);
  checkModel(model, createAuthorizer(model));
  return model;
}
type Resource = { Type: string; Properties: Record<string, unknown> };
const changed = (id: string, properties: Record<string, unknown>) => {
  const { Type, Properties } = fixture[id] as Resource;
  return { ...fixture, [id]: { Type, Properties: { ...Properties, ...properties } } };
};
const without = (id: string) => Object.fromEntries(Object.entries(fixture).filter(([name]) => name !== id));

test('names, ARNs and URLs are resolved', () => {
  const model = boot(fixture);
  expect(model.buckets.map(({ shortName, name }) => [shortName, name])).toEqual([
    ['landing', 'fixture-landing-000000000000-eu-central-1'],
    ['distribution', 'fixture-distribution-000000000000-eu-central-1'],
    ['archive', 'fixture-archive-000000000000-eu-central-1'],
  ]);
  expect(model.queues[0]).toMatchObject({
    url: 'http://127.0.0.1:1/000000000000/fixture-queue',
    deadLetterArn: 'arn:aws:sqs:eu-central-1:000000000000:fixture-dead-letters',
  });
  expect(model.accepted).toEqual([
    { stack: 'fixture', logicalId: 'Dashboard', type: 'AWS::CloudWatch::Dashboard' },
  ]);
});

test("a bucket's short name is its tag, if it has one", () => {
  const tagged = changed('Landing', { Tags: [{ Key: 'data-aggregator:resource', Value: 'inbox' }] });
  expect(boot(tagged).buckets[0]?.shortName).toBe('inbox');
});

test('a resource whose condition is false does not exist', () => {
  const folder = writeAssembly({
    ...fixture,
    Extra: { Type: 'AWS::SQS::Queue', Condition: 'Never', Properties: {} },
  });
  const stacks = readCloudAssembly(folder, (template) => ({ ...template, Conditions: { Never: false } }));
  expect(interpret(stacks, place).queues).toHaveLength(4);
});

describe('an unsupported part fails the boot with its name:', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a type', { ...fixture, New: { Type: 'AWS::Kinesis::Stream' } }, 'New: the type AWS::Kinesis::Stream'],
    [
      'a property',
      changed('Queue', { FifoQueue: true }),
      'Queue (AWS::SQS::Queue): FifoQueue: this property',
    ],
    [
      'a nested property',
      changed('Landing', { NotificationConfiguration: { LambdaConfigurations: [] } }),
      'LambdaConfigurations',
    ],
    [
      'replicated delete markers',
      changed('Distribution', {
        ReplicationConfiguration: {
          Role: 'r',
          Rules: [
            {
              Status: 'Enabled',
              DeleteMarkerReplication: { Status: 'Enabled' },
              Destination: { Bucket: 'b' },
            },
          ],
        },
      }),
      'DeleteMarkerReplication',
    ],
    [
      'an operator of an event pattern',
      changed('OrdersRule', { EventPattern: { source: [{ cidr: '*' }] } }),
      'OrdersRule (AWS::Events::Rule): EventPattern: pattern.source: the operator cidr',
    ],
    [
      'a rule without schedule or pattern',
      changed('OrdersRule', { EventPattern: undefined }),
      'a rule needs a ScheduleExpression or an EventPattern',
    ],
    ['an event bus', changed('OrdersRule', { EventBusName: 'own' }), 'only the default event bus'],
    ['a filter on a mapping', changed('Mapping', { FilterCriteria: {} }), 'FilterCriteria'],
    [
      'a large batch without a window',
      changed('Mapping', { BatchSize: 100 }),
      'MaximumBatchingWindowInSeconds',
    ],
    ['a missing asset', changed('Batches', { Code: { S3Bucket: 'b', S3Key: 'nothing.zip' } }), 'nothing'],
    [
      'a managed policy',
      changed('BatchesRole', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
      'AdministratorAccess',
    ],
  ])('%s', (_name, resources, named) => {
    expect(() => boot(resources)).toThrow(named);
  });
});

describe('the boot fails on anything that would not work once deployed:', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['S3 may not send to the queue', without('QueuePolicy'), 'does not allow S3 to call sqs:SendMessage'],
    [
      'S3 may not publish to the topic',
      without('RemovalsTopicPolicy'),
      'does not allow S3 to call sns:Publish',
    ],
    ['the topic may not send to the queues', without('RemovalsPolicy'), 'does not allow SNS'],
    [
      'the function may not receive',
      changed('BatchesRole', { Policies: [] }),
      'does not allow sqs:ReceiveMessage',
    ],
    ['the schedule may not invoke', without('SchedulerPolicy'), 'fixture-schedule is not permitted'],
    ['the rule may not invoke', without('RulePermission'), 'fixture-rule is not permitted'],
    ['the event rule may not invoke', without('OrdersRulePermission'), 'fixture-orders is not permitted'],
    [
      'messages would reappear before the function ends',
      changed('Queue', { VisibilityTimeout: 1 }),
      'exceeds the visibility timeout',
    ],
  ])('%s', (_name, resources, reason) => {
    expect(() => boot(resources)).toThrow(AssemblyError);
    expect(() => boot(resources)).toThrow(reason);
  });
});

test('a folder without an assembly is named', () => {
  expect(() => readCloudAssembly('/nowhere')).toThrow('/nowhere/manifest.json does not exist');
});
