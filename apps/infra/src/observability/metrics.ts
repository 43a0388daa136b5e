import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Context } from '../app/component.ts';
import {
  bucketName,
  functionName,
  type LogMetric,
  logMetricName,
  METRIC_NAMESPACE,
  tableName,
} from '../conventions/names.ts';

/** The `service` that says when files are delivered, and which are put aside. */
export const DELIVERING_SERVICE = 'aggregator';
/** The `service` that counts what waits for the consumer. */
export const BACKLOG_SERVICE = 'distribution-monitor';
/** The `service` that looks for files which never reached a bundle. */
export const RECONCILING_SERVICE = 'reconciler';
/** The `service` that delivers bundles again. */
const REPLAYING_SERVICE = 'replayer';

const FIVE_MINUTES = Duration.minutes(5);

/** A metric of AWS Lambda for one function. */
export function lambdaMetric({ environment }: Context, fn: string, metricName: string, statistic: string) {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName(environment.name, fn) },
    statistic,
    period: FIVE_MINUTES,
  });
}

/** A metric made from a function's log lines. */
export function logMetric({ environment }: Context, fn: string, metric: LogMetric, statistic: string) {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: logMetricName(environment.name, fn, metric),
    statistic,
    period: FIVE_MINUTES,
  });
}

/** A metric of Amazon SQS for one queue. */
export function queueMetric(queue: string, metricName: string, statistic: string, period = FIVE_MINUTES) {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queue },
    statistic,
    period,
  });
}

/** A metric that a function writes into its log in the embedded metric format. */
export function ownMetric(service: string, metricName: string, statistic: string, period = FIVE_MINUTES) {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { service },
    statistic,
    period,
  });
}

/** Seconds that the latest file of an invocation took from its landing to its bundle's publication. */
export function deliverySeconds(statistic: string, period?: Duration): Metric {
  return ownMetric(DELIVERING_SERVICE, 'DeliverySeconds', statistic, period);
}

/** What became of files: a count by the delivering function. */
export function fates(
  metricName: 'Bundled' | 'Duplicates' | 'Retried' | 'Quarantined',
  period?: Duration,
): Metric {
  return ownMetric(DELIVERING_SERVICE, metricName, Stats.SUM, period);
}

/** Processes that gave up reading into a shared buffer, because Node does not behave as that requires. */
export function degradedReads(): Metric {
  return ownMetric(DELIVERING_SERVICE, 'ReadsDegraded', Stats.SUM);
}

/** Percentage of files that were delivered within so many seconds: of all those bundled, those not counted as late. */
export function deliveredWithin(seconds: 120 | 180, period = FIVE_MINUTES): MathExpression {
  return new MathExpression({
    expression: '100 * (1 - late / bundled)',
    usingMetrics: {
      late: ownMetric(DELIVERING_SERVICE, `LaterThan${seconds}s`, Stats.SUM, period),
      bundled: fates('Bundled', period),
    },
    label: `% within ${seconds} s`,
    period,
  });
}

/** What waits for the consumer, as the distribution monitor counts it. */
export function backlog(
  metric: 'BacklogBundles' | 'BacklogBytes' | 'OldestBundleAgeSeconds',
  statistic: string = Stats.MAXIMUM,
): Metric {
  return ownMetric(BACKLOG_SERVICE, metric, statistic);
}

/** What a run of the reconciler found. */
export function reconciled(
  metric: 'Examined' | 'Lost' | 'Undecided',
  statistic: string,
  period?: Duration,
): Metric {
  return ownMetric(RECONCILING_SERVICE, metric, statistic, period);
}

/** Bundles that were asked for again and could not be copied. */
export function replaysFailed(): Metric {
  return ownMetric(REPLAYING_SERVICE, 'ReplaysFailed', Stats.SUM);
}

/** A metric of S3's replication of bundles into the archive. */
export function replicationMetric({ environment }: Context, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: {
      SourceBucket: bucketName(environment.name, 'distribution'),
      DestinationBucket: bucketName(environment.name, 'archive'),
      RuleId: 'bundles',
    },
    statistic,
    period: FIVE_MINUTES,
  });
}

/** A metric of the ledger's table. */
export function ledgerMetric({ environment }: Context, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName(environment.name) },
    statistic,
    period: FIVE_MINUTES,
  });
}
