import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeployedFunction } from '../app/functions.ts';
import { alarm, type Watch } from './alarm.ts';
import { lambdaMetric, logMetric } from './metrics.ts';

/** The alarms that every function has; its manifest moves their thresholds. */
export function functionAlarms(watch: Watch, { manifest }: DeployedFunction): Alarm[] {
  const { name, alarms, memoryMb, timeoutSeconds } = manifest;
  const { errors = 1, throttles = 1, durationPercent = 80, memoryPercent = 85 } = alarms;
  return [
    alarm(watch, {
      id: `${name}-errors`,
      meaning: `${name} failed; what it was working on goes back to where it came from.`,
      section: 'function-errors',
      tells: 'warning',
      metric: lambdaMetric(watch, name, 'Errors', Stats.SUM),
      atLeast: errors,
    }),
    alarm(watch, {
      id: `${name}-timeouts`,
      meaning: `${name} was killed at its timeout of ${timeoutSeconds} s.`,
      section: 'function-timeouts',
      tells: 'warning',
      metric: logMetric(watch, name, 'Timeouts', Stats.SUM),
      atLeast: 1,
    }),
    alarm(watch, {
      id: `${name}-throttles`,
      meaning: `Lambda refused to run ${name}: the account's concurrency is used up.`,
      section: 'function-throttles',
      tells: 'warning',
      metric: lambdaMetric(watch, name, 'Throttles', Stats.SUM),
      atLeast: throttles,
    }),
    alarm(watch, {
      id: `${name}-slow`,
      meaning: `${name} took more than ${durationPercent} % of its timeout of ${timeoutSeconds} s.`,
      section: 'function-slow',
      tells: 'warning',
      metric: lambdaMetric(watch, name, 'Duration', Stats.MAXIMUM),
      atLeast: timeoutSeconds * 1000 * (durationPercent / 100),
    }),
    alarm(watch, {
      id: `${name}-memory`,
      meaning: `${name} used more than ${memoryPercent} % of its ${memoryMb} MB.`,
      section: 'function-memory',
      tells: 'warning',
      metric: logMetric(watch, name, 'MaxMemoryUsedMB', Stats.MAXIMUM),
      atLeast: Math.floor((memoryMb * memoryPercent) / 100),
    }),
  ];
}
