import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeployedFunction } from '../app/functions.ts';
import { alarm, type Watch } from './alarm.ts';
import { lambdaMetric, logMetric } from './metrics.ts';

/** The alarms of every function. Its manifest can change their thresholds. */
export function functionAlarms(watch: Watch, { manifest }: DeployedFunction): Alarm[] {
  const { name, alarms, memoryMb, timeoutSeconds } = manifest;
  const { errors = 1, throttles = 1, durationPercent = 80, memoryPercent = 85 } = alarms;
  return [
    alarm(watch, {
      id: `${name}-errors`,
      meaning: `${name} failed. A batch from a queue returns to the queue and is retried; no file is lost.`,
      section: 'function-errors',
      notifies: 'warning',
      metric: lambdaMetric(watch, name, 'Errors', Stats.SUM),
      atLeast: errors,
    }),
    alarm(watch, {
      id: `${name}-timeouts`,
      meaning: `Lambda killed ${name} at its timeout of ${timeoutSeconds} s. Unfinished work is retried; no file is lost.`,
      section: 'function-timeouts',
      notifies: 'warning',
      metric: logMetric(watch, name, 'Timeouts', Stats.SUM),
      atLeast: 1,
    }),
    alarm(watch, {
      id: `${name}-throttles`,
      meaning: `Lambda throttled ${name}: the account's concurrency is used up. Throttled messages use up receives and can become dead letters.`,
      section: 'function-throttles',
      notifies: 'warning',
      metric: lambdaMetric(watch, name, 'Throttles', Stats.SUM),
      atLeast: throttles,
    }),
    alarm(watch, {
      id: `${name}-slow`,
      meaning: `${name} used ${durationPercent} % or more of its timeout of ${timeoutSeconds} s. It will time out if the work grows.`,
      section: 'function-slow',
      notifies: 'warning',
      metric: lambdaMetric(watch, name, 'Duration', Stats.MAXIMUM),
      atLeast: timeoutSeconds * 1000 * (durationPercent / 100),
    }),
    alarm(watch, {
      id: `${name}-memory`,
      meaning: `${name} used ${memoryPercent} % or more of its ${memoryMb} MB. At the limit Lambda kills it without a log line.`,
      section: 'function-memory',
      notifies: 'warning',
      metric: logMetric(watch, name, 'MaxMemoryUsedMB', Stats.MAXIMUM),
      atLeast: Math.floor((memoryMb * memoryPercent) / 100),
    }),
  ];
}
