import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Context } from '../app/component.ts';
import {
  bucketName,
  functionName,
  constructId,
  highMemoryMetricName,
  logGroupName,
  physicalName,
  METRIC_NAMESPACE,
  tableName,
} from '../conventions/names.ts';

/** The `service` that reports delivery times and outcomes of files. */
export const DELIVERING_SERVICE = 'aggregator';
/** The function that counts the bundles waiting for the consumer. */
export const BACKLOG_SERVICE = 'distribution-monitor';
/** The `service` that looks for files that never reached a bundle. */
export const RECONCILING_SERVICE = 'reconciler';
/** The `service` that delivers bundles again from the archive. */
const REPLAYING_SERVICE = 'replayer';

const FIVE_MINUTES = Duration.minutes(5);

/** A metric of AWS Lambda for one function. */
export function lambdaMetric(
  { environment }: Context,
  fn: string,
  metricName: string,
  statistic: string,
  period = FIVE_MINUTES,
) {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName(environment.name, fn) },
    statistic,
    period,
  });
}

/** Invocations that used too much memory, in MB. It has no values while there are none. */
export function highMemory({ environment }: Context, statistic: string) {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: highMemoryMetricName(environment.name),
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

/** Number of files with an outcome, as the aggregator counts them. */
export function outcomes(metricName: 'Bundled' | 'Quarantined', period?: Duration): Metric {
  return ownMetric(DELIVERING_SERVICE, metricName, Stats.SUM, period);
}

/** Processes that stopped reading into a shared buffer because Node does not behave as that requires. */
export function degradedReads(): Metric {
  return ownMetric(DELIVERING_SERVICE, 'ReadsDegraded', Stats.SUM);
}

/**
 * Percentage of bundled files that were not late, for a limit in seconds. The count of late files has values only while there are
 * some, so the percentage has no value while all files are on time.
 */
export function deliveredWithin(seconds: 120 | 180, period = FIVE_MINUTES): MathExpression {
  return percentage(seconds, 'late', period);
}

/** The same for people, with 100 % while all files are on time. */
export function shownWithin(seconds: 120 | 180, period: Duration): MathExpression {
  return percentage(seconds, 'FILL(late, 0)', period);
}

function percentage(seconds: 120 | 180, late: string, period: Duration): MathExpression {
  return new MathExpression({
    expression: `100 * (1 - ${late} / bundled)`,
    usingMetrics: {
      late: ownMetric(DELIVERING_SERVICE, `LaterThan${seconds}s`, Stats.SUM, period),
      bundled: outcomes('Bundled', period),
    },
    label: `% within ${seconds} s`,
    period,
  });
}

/**
 * How often the distribution monitor logged a figure at or over a limit. The filter matches nothing else, so the metric has no
 * values, and costs nothing, while all is well.
 *
 * @param id of the alarm
 * @param events pattern of their names, such as `backlog.*`
 */
export function logged(
  { scope, environment }: Context,
  id: string,
  { events, field, atLeast }: { events: string; field: string; atLeast: number },
): Metric {
  const metricName = `${environment.name}.${id}`;
  new CfnMetricFilter(scope, `${constructId(id)}Filter`, {
    filterName: physicalName(environment.name, id),
    logGroupName: logGroupName(environment.name, BACKLOG_SERVICE),
    filterPattern: `{ ($.message = "${events}") && ($.${field} >= ${atLeast}) }`,
    metricTransformations: [{ metricNamespace: METRIC_NAMESPACE, metricName, metricValue: `$.${field}` }],
  });
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic: Stats.SAMPLE_COUNT,
    period: FIVE_MINUTES,
  });
}

/** Number of objects that a run of the reconciler found. */
export function reconciled(metric: 'Lost' | 'Undecided', statistic: string, period?: Duration): Metric {
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
