/** Namespace of the metrics that functions write into their logs, and of those made from their logs. */
export const METRIC_NAMESPACE = 'DataAggregator';

/** A figure that only Lambda's own lines in a function's log tell. */
export type LogMetric = 'Timeouts' | 'MaxMemoryUsedMB';

/**
 * Name of a metric made from a function's log. The name tells functions and environments apart: a dimension would
 * have to be a field of the line, and Lambda's own lines have none for it.
 */
export function logMetricName(environment: string, fn: string, metric: LogMetric): string {
  return `${environment}.${fn}.${metric}`;
}
