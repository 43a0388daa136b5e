import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type DeployedFunction, isQueueFunction } from '../app/functions.ts';
import { alarm, type Watch } from './alarm.ts';
import { highMemory, lambdaMetric } from './metrics.ts';

/**
 * The alarms of one function. Its manifest can change their thresholds. A timeout counts as an error. Throttles and long
 * invocations delay the files of a queue; a scheduled function that misses its runs is noticed by their absence.
 */
export function functionAlarms(watch: Watch, fn: DeployedFunction): void {
  const { name, alarms, timeoutSeconds } = fn.manifest;
  const { errors = 1, throttles = 1, durationPercent = 80 } = alarms;
  alarm(watch, {
    id: `${name}-errors`,
    meaning: `${name} failed, or Lambda killed it at its timeout of ${timeoutSeconds} s. A batch from a queue returns to the queue and is retried; no file is lost.`,
    section: 'function-errors',
    notifies: 'warning',
    metric: lambdaMetric(watch, name, 'Errors', Stats.SUM),
    atLeast: errors,
  });
  if (!isQueueFunction(fn)) return;
  alarm(watch, {
    id: `${name}-throttles`,
    meaning: `Lambda throttled ${name}: the account's concurrency is used up. Throttled messages use up receives and can become dead letters.`,
    section: 'function-throttles',
    notifies: 'warning',
    metric: lambdaMetric(watch, name, 'Throttles', Stats.SUM),
    atLeast: throttles,
  });
  alarm(watch, {
    id: `${name}-slow`,
    meaning: `${name} used ${durationPercent} % or more of its timeout of ${timeoutSeconds} s. It will time out if the work grows.`,
    section: 'function-slow',
    notifies: 'warning',
    metric: lambdaMetric(watch, name, 'Duration', Stats.MAXIMUM),
    atLeast: timeoutSeconds * 1000 * (durationPercent / 100),
  });
}

/** One alarm on the memory of all functions. */
export function memoryAlarm(watch: Watch): void {
  alarm(watch, {
    id: 'function-memory',
    meaning:
      'A function used nearly all of its memory: 85 %, unless its manifest says otherwise. At the limit Lambda kills it without a log line.',
    section: 'function-memory',
    notifies: 'warning',
    metric: highMemory(watch, Stats.SAMPLE_COUNT),
    atLeast: 1,
  });
}
