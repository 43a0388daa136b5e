import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { environment as dev } from '../environments/dev.ts';
import { fixtureFunction, template } from '../testing/fixture.ts';
import { burnThreshold, objectives } from './delivery-alarms.ts';
import { observability } from './observability-stack.ts';
import { runbookSections } from './runbook.ts';

interface AlarmProperties {
  AlarmName: string;
  AlarmDescription: string;
  AlarmActions?: unknown[];
  OKActions?: unknown[];
}

const settings = { ...dev.observability, silenceMinutes: 60, criticalEmails: ['on-call@example.org'] };
const environment = { ...dev, observability: settings };
const stack = template(
  observability,
  [
    fixtureFunction({ timeoutSeconds: 300, memoryMb: 512, alarms: { errors: 3, oldestMessageSeconds: 240 } }),
    fixtureFunction({ name: 'monitor', trigger: { type: 'schedule', expression: 'rate(5 minutes)' } }),
    fixtureFunction({
      name: 'distribution-monitor',
      trigger: { type: 'schedule', expression: 'rate(5 minutes)' },
    }),
    fixtureFunction({ name: 'reconciler', trigger: { type: 'schedule', expression: 'rate(1 hour)' } }),
  ],
  environment,
);
const alarms = Object.values(stack.findResources('AWS::CloudWatch::Alarm')).map(
  (resource) => (resource as { Properties: AlarmProperties }).Properties,
);
const sectionOf = ({ AlarmDescription }: AlarmProperties) =>
  /docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1];

function hasAlarm(name: string, properties: Record<string, unknown>): void {
  stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: `data-aggregator-dev-${name}`,
    ...properties,
  });
}

describe('every alarm', () => {
  it('links to an existing section of the runbook', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../../../docs/runbook.md'), 'utf8');
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    expect(headings.sort()).toEqual([...runbookSections].sort());
    expect(alarms.map(sectionOf).filter((section) => section === undefined)).toEqual([]);
    expect(new Set(alarms.map(sectionOf))).toEqual(new Set(runbookSections));
  });

  it('notifies when it starts and when it ends', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });
});

describe('a function', () => {
  const dimensions = [{ Name: 'FunctionName', Value: 'data-aggregator-dev-aggregator' }];

  it.each([
    ['errors', 'AWS/Lambda', 'Errors', 3],
    ['throttles', 'AWS/Lambda', 'Throttles', 1],
    // 80 % of 300 s, in milliseconds.
    ['slow', 'AWS/Lambda', 'Duration', 240_000],
  ])('with a queue has an alarm on %s', (id, Namespace, MetricName, Threshold) => {
    hasAlarm(`aggregator-${id}`, { Namespace, MetricName, Threshold, Dimensions: dimensions });
  });

  it('without a queue has an alarm on errors only', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).filter((name) => name.includes('-dev-monitor-'))).toEqual(
      ['data-aggregator-dev-monitor-errors'],
    );
  });

  it('shares an alarm on memory, from the logs, with all others', () => {
    hasAlarm('function-memory', {
      Namespace: 'DataAggregator',
      MetricName: 'dev.HighMemoryMB',
      Statistic: 'SampleCount',
      Threshold: 1,
    });
  });
});

describe('a queue', () => {
  it('has alarms on dead letters and on the age of the oldest message', () => {
    hasAlarm('aggregator-dead-letters', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'data-aggregator-dev-aggregator-dead-letters' }],
      Threshold: 1,
    });
    hasAlarm('aggregator-old-messages', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: 'data-aggregator-dev-aggregator' }],
      Threshold: 240,
    });
  });
});

describe('the ready queue', () => {
  it('has alarms on dead letters and on the age of the oldest message', () => {
    hasAlarm('ready-dead-letters', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'data-aggregator-dev-ready-dead-letters' }],
      Threshold: 1,
    });
    hasAlarm('ready-old-messages', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: 'data-aggregator-dev-ready' }],
      Threshold: dev.observability.backlogAgeSeconds,
    });
  });

  it('is watched by nothing if there is none', () => {
    const without = template(observability, undefined, { ...dev, readyQueue: false, functions: {} });
    expect(JSON.stringify(without.toJSON())).not.toContain('data-aggregator-dev-ready');
  });
});

describe('delivery', () => {
  it.each([
    [objectives[0], 70],
    [objectives[1], 98.56],
  ])('for objective %j, has a fast alarm below %d %%', (objective, threshold) => {
    if (objective === undefined) throw new Error('There are two objectives.');
    expect(burnThreshold(objective, objective.fastBurn)).toBe(threshold);
    hasAlarm(`late-${objective.seconds}-now`, {
      Threshold: threshold,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'CriticalTopic' }],
      Metrics: [
        Match.objectLike({ Expression: '100 * (1 - late / bundled)', ReturnData: true }),
        ...[`LaterThan${objective.seconds}s`, 'Bundled'].map((MetricName) =>
          Match.objectLike({
            MetricStat: {
              Metric: {
                Namespace: 'DataAggregator',
                MetricName,
                Dimensions: [{ Name: 'service', Value: 'aggregator' }],
              },
              Period: 300,
              Stat: 'Sum',
            },
          }),
        ),
      ],
    });
    hasAlarm(`late-${objective.seconds}-slow`, { Threshold: objective.percent });
  });

  it('has a critical outage alarm for waiting messages of which none is finished', () => {
    const ofQueue = (MetricName: string, Stat: string) =>
      Match.objectLike({
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName,
            Dimensions: [{ Name: 'QueueName', Value: 'data-aggregator-dev-aggregator' }],
          },
          Period: 300,
          Stat,
        },
      });
    hasAlarm('delivery-stopped', {
      AlarmActions: [{ Ref: 'CriticalTopic' }],
      EvaluationPeriods: 3,
      Threshold: 1,
      Metrics: [
        Match.objectLike({ Expression: '(age >= 180) * (finished < 1)', ReturnData: true }),
        ofQueue('ApproximateAgeOfOldestMessage', 'Maximum'),
        ofQueue('NumberOfMessagesDeleted', 'Sum'),
      ],
    });
  });

  it('has alarms on unusual inflow, no inflow, backlog and quarantine', () => {
    hasAlarm('aggregator-unusual-inflow', { MetricName: 'NumberOfMessagesSent', Threshold: 60_000 });
    hasAlarm('aggregator-no-inflow', { Period: 3600, Threshold: 1, TreatMissingData: 'breaching' });
    for (const [id, condition] of [
      ['backlog-count', '$.bundles >= 5000'],
      ['backlog-age', '$.oldestAgeSeconds >= 21600'],
    ] as const) {
      hasAlarm(id, { MetricName: `dev.${id}`, Statistic: 'SampleCount', Threshold: 1, EvaluationPeriods: 2 });
      stack.hasResourceProperties('AWS::Logs::MetricFilter', {
        LogGroupName: '/data-aggregator/dev/distribution-monitor',
        FilterPattern: `{ ($.message = "backlog.*") && (${condition}) }`,
        MetricTransformations: [Match.objectLike({ MetricName: `dev.${id}` })],
      });
    }
    hasAlarm('backlog-uncounted', {
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: 'data-aggregator-dev-distribution-monitor' }],
      EvaluationPeriods: 6,
      TreatMissingData: 'breaching',
    });
    hasAlarm('quarantine', { MetricName: 'Quarantined', AlarmActions: [{ Ref: 'CriticalTopic' }] });
  });

  it('has an alarm on the time to disk only if the environment sets a limit', () => {
    const limited = { ...settings, landingToDiskSeconds: 900 };
    const monitor = fixtureFunction({
      name: 'distribution-monitor',
      trigger: { type: 'schedule', expression: 'rate(5 minutes)' },
    });
    const other = template(observability, [monitor], {
      ...environment,
      observability: limited,
      functions: {},
    });
    other.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ ($.message = "receipts.*") && ($.p95Seconds >= 900) }',
    });
    other.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'data-aggregator-dev-landing-to-disk',
      MetricName: 'dev.landing-to-disk',
      EvaluationPeriods: 6,
    });
    expect(alarms.map(({ AlarmName }) => AlarmName)).not.toContain('data-aggregator-dev-landing-to-disk');
  });

  it.each([
    ['files-lost', 'Lost', 'CriticalTopic', { Statistic: 'Sum', Threshold: 1 }],
    ['files-undecided', 'Undecided', 'WarningTopic', { Statistic: 'Sum', Threshold: 1 }],
  ])('has an alarm on each hourly result of the reconciler: %s', (id, MetricName, topic, more) => {
    hasAlarm(id, {
      MetricName,
      Period: 3600,
      Dimensions: [{ Name: 'service', Value: 'reconciler' }],
      AlarmActions: [{ Ref: topic }],
      ...more,
    });
  });

  it('has an alarm on a reconciler that does not run', () => {
    hasAlarm('no-reconciliation', {
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: 'data-aggregator-dev-reconciler' }],
      Period: 3600,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
  });

  it('has an alarm on failed replays', () => {
    hasAlarm('replays-failed', {
      MetricName: 'ReplaysFailed',
      Dimensions: [{ Name: 'service', Value: 'replayer' }],
      Threshold: 1,
    });
  });

  it('has alarms on failed and on late replication', () => {
    for (const MetricName of ['OperationsFailedReplication', 'ReplicationLatency']) {
      stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'AWS/S3',
        MetricName,
        Dimensions: Match.arrayWith([{ Name: 'RuleId', Value: 'bundles' }]),
      });
    }
  });
});

describe('notifications to people', () => {
  it('go to the email addresses of the environment', () => {
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'on-call@example.org',
      TopicArn: { Ref: 'CriticalTopic' },
    });
    stack.resourceCountIs('AWS::SNS::Subscription', 1);
  });

  it('report spending: the budget of the environment, and the account in the one region with billing metrics', () => {
    stack.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:data-aggregator:environment$dev'] },
      },
    });
    stack.hasResource('AWS::CloudWatch::Alarm', {
      Properties: { MetricName: 'EstimatedCharges' },
      Condition: 'HasBillingMetrics',
    });
    stack.hasCondition('HasBillingMetrics', { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });
  });

  it('are complemented by a dashboard only where the environment wants one', () => {
    const without = { ...environment, observability: { ...settings, dashboard: false } };
    template(observability, undefined, without).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('are complemented by a dashboard with all alarms first, then the stages in order', () => {
    const [board] = Object.values(stack.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(board);
    const places = ['Alarms', 'Arriving', 'Working', 'Leaving', 'Failed:'].map((title) =>
      body.indexOf(title),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(body).toContain('DeliveryStopped');
  });
});
