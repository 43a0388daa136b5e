import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Measurements of an invocation. */
export interface Metrics {
  /** Adds to a count. A count of 0 is told too: it says that nothing happened, where silence says nothing. */
  count(name: string, n: number): void;
  /** One measured duration, in seconds; each counts by itself, so that percentiles can be asked for. */
  seconds(name: string, seconds: number): void;
}

/** The metrics of a function. */
export interface FunctionMetrics extends Metrics {
  /** Hands over what was measured; call it once, at the end of each invocation, also of a failed one. */
  flush(): void;
}

/** Namespace of all metrics of this system; the function is the dimension `service`. */
export const METRICS_NAMESPACE = 'DataAggregator';

/**
 * Metrics in CloudWatch's embedded format, on the function's output: no call, no cost but the log line. Counts are
 * added up until they are flushed.
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

/** CloudWatch drops a whole line in which one value is no number, without a word. */
function finite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`the metric ${name} cannot be ${value}`);
  return value;
}
