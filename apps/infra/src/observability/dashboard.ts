import { Duration, Fn } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Context } from '../app/component.ts';
import { isQueueFunction } from '../app/functions.ts';
import { deadLettersName, logGroupName, physicalName, queueName } from '../conventions/names.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
import { outputs } from '../conventions/outputs.ts';
import { objectives } from './delivery-alarms.ts';
import {
  BACKLOG_SERVICE,
  DELIVERING_SERVICE,
  outcomes,
  lambdaMetric,
  ledgerMetric,
  queueMetric,
  reconciled,
  replaysFailed,
  replicationMetric,
  shownWithin,
} from './metrics.ts';

const ROW = 24;

/** The first row shows whether anything is wrong; the rows below show where, in the order in which files pass. */
export function dashboard(context: Context): void {
  const { scope, environment } = context;
  const alarms: IAlarm[] = scope.node.findAll().filter((node): node is Alarm => node instanceof Alarm);
  const name = physicalName(environment.name, 'overview');
  const board = new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    defaultInterval: Duration.hours(6),
  });
  board.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: ROW, height: 4 }));
  board.addWidgets(...objectiveWidgets(context));
  for (const row of rows(context)) board.addWidgets(...row);
  outputs(scope, {
    DashboardUrl: Fn.sub(
      `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards:name=${name}`,
    ),
  });
}

/** The objectives, with the figures of the last hour. */
function objectiveWidgets({ environment }: Context): IWidget[] {
  return [
    ...objectives.map(
      ({ percent, seconds }) =>
        new SingleValueWidget({
          title: `Within ${seconds} s (promised: ${percent} %)`,
          metrics: [shownWithin(seconds, Duration.hours(1))],
          width: 6,
          height: 4,
        }),
    ),
    logGraph(
      'Seconds from landing to bundle, slowest file of each batch',
      [logGroupName(environment.name, DELIVERING_SERVICE)],
      [
        'filter message = "batch.done"',
        'stats pct(slowestSeconds, 50), pct(slowestSeconds, 95), pct(slowestSeconds, 99.9) by bin(5m)',
      ],
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
        'Errors, throttles',
        [...ofFunctions('Errors', Stats.SUM), ...ofFunctions('Throttles', Stats.SUM)],
        6,
      ),
      graph('Longest invocation, milliseconds', ofFunctions('Duration', Stats.MAXIMUM), 6),
      logGraph(
        'Maximum memory, MB',
        names.map((fn) => logGroupName(environment.name, fn)),
        ['filter type = "platform.report"', 'stats max(record.metrics.maxMemoryUsedMB) by bin(5m), @log'],
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
      logGraph(
        'Files',
        [logGroupName(environment.name, DELIVERING_SERVICE)],
        [
          'filter message = "batch.done"',
          'stats sum(Bundled), sum(Duplicates), sum(Retried), sum(Quarantined), sum(Forwarded), sum(Ignored) by bin(5m)',
        ],
        24,
      ),
    ],
    [heading('Leaving: distribution → consumer, archive')],
    [
      ...(['bundles', 'oldestAgeSeconds'] as const).map((field) =>
        logGraph(
          field === 'bundles' ? 'Bundles waiting' : 'Age of the oldest bundle, seconds',
          [logGroupName(environment.name, BACKLOG_SERVICE)],
          ['filter message like /^backlog\\./', `stats max(${field}) by bin(5m)`],
          6,
        ),
      ),
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
      logGraph(
        'Seconds from landing to disk, first file of each bundle',
        [logGroupName(environment.name, BACKLOG_SERVICE)],
        [
          'filter message like /^receipts\\./',
          'stats max(medianSeconds), max(p95Seconds), max(slowestSeconds) by bin(5m)',
        ],
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

/** A graph over log lines, which costs only the query, where a metric would cost 30 cents a month. */
function logGraph(
  title: string,
  logGroupNames: string[],
  queryLines: string[],
  width: number,
  height = 5,
): IWidget {
  const view = LogQueryVisualizationType.LINE;
  return new LogQueryWidget({ title, logGroupNames, queryLines, view, width, height });
}

function graph(title: string, left: IMetric[], width: number, height = 5): IWidget {
  return new GraphWidget({ title, left, width, height, leftYAxis: { min: 0 } });
}
