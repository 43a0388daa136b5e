import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The measurements of an invocation. */
export interface Metrics {
  /**
   * Adds to a count. A count that shows that the function works is reported with 0 too; a count of failures only when there are some,
   * because CloudWatch charges a metric for the hours in which it has values.
   */
  count(name: string, n: number): void;
  /** Records one duration, in seconds. Each is kept separately, for percentiles. */
  seconds(name: string, seconds: number): void;
}

/** The metrics of a function. */
export interface FunctionMetrics extends Metrics {
  /** Writes the measurements. Call it once at the end of each invocation, also if it fails. */
  flush(): void;
}

/** Namespace of all metrics of this system; the function is the dimension `service`. */
export const METRICS_NAMESPACE = 'DataAggregator';

/**
 * Metrics in CloudWatch's embedded metric format, on standard output: they need no call and cost only the log line. Counts
 * are summed until they are flushed.
 *
 * @param service the function's name
 */
export function createMetrics(service: string): FunctionMetrics {
  const emf = new Emf({ namespace: METRICS_NAMESPACE, serviceName: service });
  const counts = new Map<string, number>();
  return {
    count(name, n) {
      counts.set(name, (counts.get(name) ?? 0) + finite(name, n));
    },
    seconds(name, seconds) {
      emf.addMetric(name, MetricUnit.Seconds, finite(name, seconds));
    },
    flush() {
      for (const [name, n] of counts) emf.addMetric(name, MetricUnit.Count, n);
      counts.clear();
      if (emf.hasStoredMetrics()) emf.publishStoredMetrics();
    },
  };
}

/** CloudWatch silently drops a whole line if one value is not a finite number. */
function finite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`the metric ${name} cannot be ${value}`);
  return value;
}
