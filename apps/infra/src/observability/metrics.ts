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

/** The `service` that reports delivery times and outcomes of files. */
export const DELIVERING_SERVICE = 'aggregator';
/** The `service` that counts the bundles waiting for the consumer. */
export const BACKLOG_SERVICE = 'distribution-monitor';
/** The `service` that looks for files that never reached a bundle. */
export const RECONCILING_SERVICE = 'reconciler';
/** The `service` that delivers bundles again from the archive. */
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

/** A metric that a metric filter extracts from a function's log. */
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

/** Seconds from landing to publication, for the slowest file of each invocation. */
export function deliverySeconds(statistic: string, period?: Duration): Metric {
  return ownMetric(DELIVERING_SERVICE, 'DeliverySeconds', statistic, period);
}

/** Number of files with an outcome, as the aggregator counts them. */
export function outcomes(
  metricName: 'Bundled' | 'Duplicates' | 'Retried' | 'Quarantined' | 'Ignored',
  period?: Duration,
): Metric {
  return ownMetric(DELIVERING_SERVICE, metricName, Stats.SUM, period);
}

/** Processes that stopped reading into a shared buffer because Node does not behave as that requires. */
export function degradedReads(): Metric {
  return ownMetric(DELIVERING_SERVICE, 'ReadsDegraded', Stats.SUM);
}

/** Percentage of bundled files that were not late, for a limit in seconds. */
export function deliveredWithin(seconds: 120 | 180, period = FIVE_MINUTES): MathExpression {
  return new MathExpression({
    expression: '100 * (1 - late / bundled)',
    usingMetrics: {
      late: ownMetric(DELIVERING_SERVICE, `LaterThan${seconds}s`, Stats.SUM, period),
      bundled: outcomes('Bundled', period),
    },
    label: `% within ${seconds} s`,
    period,
  });
}

/** Bundles waiting for the consumer, as the distribution monitor counts them. */
export function backlog(
  metric: 'BacklogBundles' | 'BacklogBytes' | 'OldestBundleAgeSeconds',
  statistic: string = Stats.MAXIMUM,
): Metric {
  return ownMetric(BACKLOG_SERVICE, metric, statistic);
}

/** Seconds from the landing of a bundle's first file until its files were on the consumer's disk, one value per bundle. */
export function landingToDisk(statistic: string): Metric {
  return ownMetric(BACKLOG_SERVICE, 'LandingToDiskSeconds', statistic);
}

/** Number of objects that a run of the reconciler examined or found. */
export function reconciled(
  metric: 'Examined' | 'Lost' | 'Undecided',
  statistic: string,
  period?: Duration,
): Metric {
  return ownMetric(RECONCILING_SERVICE, metric, statistic, period);
}

/** Requested bundles that could not be copied from the archive. */
export function replaysFailed(): Metric {
  return ownMetric(REPLAYING_SERVICE, 'ReplaysFailed', Stats.SUM);
}

/** A metric of S3 replication from distribution to archive. */
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
