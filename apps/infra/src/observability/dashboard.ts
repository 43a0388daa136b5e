import { Duration, Fn } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  CompositeAlarm,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Context } from '../app/component.ts';
import { isQueueFunction } from '../app/functions.ts';
import { deadLettersName, physicalName, queueName } from '../conventions/names.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
import { outputs } from '../conventions/outputs.ts';
import { objectives } from './delivery-alarms.ts';
import {
  backlog,
  deliveredWithin,
  deliverySeconds,
  landingToDisk,
  outcomes,
  lambdaMetric,
  ledgerMetric,
  logMetric,
  queueMetric,
  reconciled,
  replaysFailed,
  replicationMetric,
} from './metrics.ts';

const ROW = 24;

/** The first row shows whether anything is wrong; the rows below show where, in the order in which files pass. */
export function dashboard(context: Context): void {
  const { scope, environment } = context;
  const alarms: IAlarm[] = scope.node
    .findAll()
    .filter(
      (node): node is Alarm | CompositeAlarm => node instanceof Alarm || node instanceof CompositeAlarm,
    );
  const name = physicalName(environment.name, 'overview');
  const board = new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    defaultInterval: Duration.hours(6),
  });
  board.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: ROW, height: 4 }));
  board.addWidgets(...objectiveWidgets());
  for (const row of rows(context)) board.addWidgets(...row);
  outputs(scope, {
    DashboardUrl: Fn.sub(
      `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards:name=${name}`,
    ),
  });
}

/** The objectives, with the figures of the last hour. */
function objectiveWidgets(): IWidget[] {
  return [
    ...objectives.map(
      ({ percent, seconds }) =>
        new SingleValueWidget({
          title: `Within ${seconds} s (promised: ${percent} %)`,
          metrics: [deliveredWithin(seconds, Duration.hours(1))],
          width: 6,
          height: 4,
        }),
    ),
    graph(
      'Seconds from landing to bundle, slowest file of each batch',
      [deliverySeconds('p50'), deliverySeconds('p95'), deliverySeconds('p99.9')],
      12,
      4,
    ),
  ];
}

function rows(context: Context): IWidget[][] {
  const { environment, functions } = context;
  const names = functions.map(({ manifest }) => manifest.name);
  const queued = functions.filter(isQueueFunction).map(({ manifest }) => manifest.name);
  const ready = readyQueues(environment).map(({ name }) => name);
  const ofQueues = (metric: string, statistic: string) =>
    queued.map((fn) => queueMetric(queueName(environment.name, fn), metric, statistic));
  const ofFunctions = (metric: string, statistic: string) =>
    names.map((fn) => lambdaMetric(context, fn, metric, statistic));

  return [
    [heading('Arriving: landing → queue')],
    [
      graph('Notifications sent to the queue', ofQueues('NumberOfMessagesSent', Stats.SUM), 8),
      graph('Messages waiting', ofQueues('ApproximateNumberOfMessagesVisible', Stats.MAXIMUM), 8),
      graph(
        'Age of the oldest message, seconds',
        ofQueues('ApproximateAgeOfOldestMessage', Stats.MAXIMUM),
        8,
      ),
    ],
    [heading('Working: functions and ledger')],
    [
      graph('Invocations', ofFunctions('Invocations', Stats.SUM), 6),
      graph(
        'Errors, throttles, timeouts',
        [
          ...ofFunctions('Errors', Stats.SUM),
          ...ofFunctions('Throttles', Stats.SUM),
          ...names.map((fn) => logMetric(context, fn, 'Timeouts', Stats.SUM)),
        ],
        6,
      ),
      graph('Longest invocation, milliseconds', ofFunctions('Duration', Stats.MAXIMUM), 6),
      graph(
        'Maximum memory, MB',
        names.map((fn) => logMetric(context, fn, 'MaxMemoryUsedMB', Stats.MAXIMUM)),
        6,
      ),
    ],
    [
      graph(
        'Ledger: throttled requests',
        [
          ledgerMetric(context, 'WriteThrottleEvents', Stats.SUM),
          ledgerMetric(context, 'ReadThrottleEvents', Stats.SUM),
        ],
        12,
      ),
      graph(
        'Ledger: consumed capacity units',
        [
          ledgerMetric(context, 'ConsumedWriteCapacityUnits', Stats.SUM),
          ledgerMetric(context, 'ConsumedReadCapacityUnits', Stats.SUM),
        ],
        12,
      ),
    ],
    [
      graph(
        'Files',
        (['Bundled', 'Duplicates', 'Retried', 'Ignored'] as const).map((name) => outcomes(name)),
        24,
      ),
    ],
    [heading('Leaving: distribution → consumer, archive')],
    [
      graph('Bundles waiting', [backlog('BacklogBundles')], 6),
      graph('Age of the oldest bundle, seconds', [backlog('OldestBundleAgeSeconds')], 6),
      graph(
        'Replication: pending, failed',
        [
          replicationMetric(context, 'OperationsPendingReplication', Stats.MAXIMUM),
          replicationMetric(context, 'OperationsFailedReplication', Stats.SUM),
        ],
        6,
      ),
      graph(
        'Replication: latency, seconds',
        [replicationMetric(context, 'ReplicationLatency', Stats.MAXIMUM)],
        6,
      ),
    ],
    [
      graph(
        'Seconds from landing to disk, first file of each bundle',
        [landingToDisk('p50'), landingToDisk('p95'), landingToDisk(Stats.MAXIMUM)],
        ready.length > 0 ? 12 : ROW,
      ),
      ...readyGraphs(environment.name, ready),
    ],
    [heading('Failed: dead letters, quarantine, lost files')],
    [
      graph(
        'Dead letters',
        [...queued, ...ready].map((fn) =>
          queueMetric(
            deadLettersName(environment.name, fn),
            'ApproximateNumberOfMessagesVisible',
            Stats.MAXIMUM,
          ),
        ),
        8,
      ),
      graph('Quarantined', [outcomes('Quarantined')], 8),
      graph(
        'Lost and undecided files, failed replays',
        [
          reconciled('Lost', Stats.SUM, Duration.hours(1)),
          reconciled('Undecided', Stats.SUM, Duration.hours(1)),
          replaysFailed(),
        ],
        8,
      ),
    ],
  ];
}

function readyGraphs(environment: string, names: readonly string[]): IWidget[] {
  if (names.length === 0) return [];
  const metrics = (metric: string) =>
    names.map((name) => queueMetric(queueName(environment, name), metric, Stats.MAXIMUM));
  return [
    graph('Ready queue: messages waiting', metrics('ApproximateNumberOfMessagesVisible'), 6),
    graph('Ready queue: age of the oldest, seconds', metrics('ApproximateAgeOfOldestMessage'), 6),
  ];
}

function heading(text: string): IWidget {
  return new TextWidget({ markdown: `## ${text}`, width: ROW, height: 1 });
}

function graph(title: string, left: IMetric[], width: number, height = 5): IWidget {
  return new GraphWidget({ title, left, width, height, leftYAxis: { min: 0 } });
}
