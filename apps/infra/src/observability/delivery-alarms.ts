import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueueFunction } from '../app/functions.ts';
import { queueName } from '../conventions/names.ts';
import { alarm, type Watch } from './alarm.ts';
import { deliveredWithin, queueMetric } from './metrics.ts';

/** The percentage of files that must be in a bundle within a time. */
export interface Objective {
  percent: number;
  /** One of the limits for which the aggregator counts late files. */
  seconds: 120 | 180;
  /** Burn rate that wakes somebody: how many times more files are late than the objective allows. */
  fastBurn: number;
}

/** The promised delivery times. */
export const objectives: readonly Objective[] = [
  { percent: 95, seconds: 120, fastBurn: 6 },
  { percent: 99.9, seconds: 180, fastBurn: 14.4 },
];

/** Age of a notification from which 99.9 % of files should be delivered. */
const WAITS_TOO_LONG_SECONDS = 180;

/** The percentage of files on time at which the error budget of an objective burns at the given rate. */
export function burnThreshold({ percent }: Objective, burn: number): number {
  return Number((100 - burn * (100 - percent)).toFixed(3));
}

/**
 * Two alarms for late files. Fast burn is critical: two of the last three periods of five minutes must breach, so that one slow
 * bundle does not fire it and it ends soon after the cause does. Slow burn, the objective missed over six hours, is a warning.
 */
export function objectiveAlarms(watch: Watch, objective: Objective): void {
  const { fastBurn, percent, seconds } = objective;
  const threshold = burnThreshold(objective, fastBurn);
  alarm(watch, {
    id: `late-${seconds}-now`,
    meaning: `Files are late now: fewer than ${threshold} % are in a bundle within ${seconds} s, and ${percent} % are promised.`,
    section: 'files-are-late',
    notifies: 'critical',
    metric: deliveredWithin(seconds),
    below: threshold,
    periods: 3,
    breaching: 2,
  });
  alarm(watch, {
    id: `late-${seconds}-slow`,
    meaning: `Fewer than ${percent} % of files were in a bundle within ${seconds} s over six hours. The promise was missed; files are still delivered.`,
    section: 'files-are-late',
    notifies: 'warning',
    metric: deliveredWithin(seconds, Duration.hours(6)),
    below: percent,
  });
}

/**
 * In ALARM while notifications wait and none is acknowledged. Both metrics are SQS's own, which reports them also while they are 0:
 * a function that does not run reports nothing, and nothing cannot be compared.
 */
export function outageAlarm(watch: Watch, { manifest }: QueueFunction): void {
  const ofQueue = (metric: string, statistic: string) =>
    queueMetric(queueName(watch.environment.name, manifest.name), metric, statistic);
  alarm(watch, {
    id: 'delivery-stopped',
    meaning:
      'Delivery has stopped: notifications have waited longer than promised for fifteen minutes, and none was finished.',
    section: 'outage',
    notifies: 'critical',
    metric: new MathExpression({
      expression: `(age >= ${WAITS_TOO_LONG_SECONDS}) * (finished < 1)`,
      usingMetrics: {
        age: ofQueue('ApproximateAgeOfOldestMessage', Stats.MAXIMUM),
        finished: ofQueue('NumberOfMessagesDeleted', Stats.SUM),
      },
      label: 'waiting, and none finished',
      period: Duration.minutes(5),
    }),
    atLeast: 1,
    periods: 3,
  });
}
