import { Duration } from 'aws-cdk-lib';
import { type IAlarm, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { alarm, allOf, type Watch } from './alarm.ts';
import { deliveredWithin, deliverySeconds } from './metrics.ts';

/** So many per cent of files are in a bundle within so many seconds. */
export interface Objective {
  percent: number;
  /** One of the limits by which the delivering function counts late files. */
  seconds: 120 | 180;
  /** How many times as fast as allowed the late files may come before somebody is woken. */
  fastBurn: number;
}

/** What is promised to those who wait for files. */
export const objectives: readonly Objective[] = [
  { percent: 95, seconds: 120, fastBurn: 6 },
  { percent: 99.9, seconds: 180, fastBurn: 14.4 },
];

/** Percentage within time below which an objective burns that many times too fast. */
export function burnThreshold({ percent }: Objective, burn: number): number {
  return Number((100 - burn * (100 - percent)).toFixed(3));
}

/**
 * Two speeds of lateness. Fast, seen both in the last five minutes and in the last hour (so that it neither fires at
 * one slow bundle nor lasts long after the end): critical. Slow, the objective missed over six hours: warning.
 */
export function objectiveAlarms(watch: Watch, objective: Objective): void {
  const { fastBurn, percent, seconds } = objective;
  const threshold = burnThreshold(objective, fastBurn);
  const part = (window: string, period: Duration) =>
    alarm(watch, {
      id: `late-${seconds}-${window}`,
      meaning: `Less than ${threshold} % of files were delivered within ${seconds} s, over ${window}.`,
      section: 'files-are-late',
      tells: 'nobody',
      metric: deliveredWithin(seconds, period),
      below: threshold,
    });
  allOf(
    watch,
    {
      id: `late-${seconds}-fast`,
      meaning: `Files are late: the objective of ${percent} % within ${seconds} s is missed ${fastBurn} times over.`,
      section: 'files-are-late',
      tells: 'critical',
    },
    [part('5m', Duration.minutes(5)), part('1h', Duration.hours(1))],
  );
  alarm(watch, {
    id: `late-${seconds}-slow`,
    meaning: `Less than ${percent} % of files were delivered within ${seconds} s in six hours.`,
    section: 'files-are-late',
    tells: 'warning',
    metric: deliveredWithin(seconds, Duration.hours(6)),
    below: percent,
  });
}

/** Notifications wait, and nothing at all is delivered. */
export function outageAlarm(watch: Watch, oldMessages: IAlarm): void {
  const nothing = alarm(watch, {
    id: 'nothing-delivered',
    meaning: 'No file was delivered for fifteen minutes.',
    section: 'outage',
    tells: 'nobody',
    metric: deliverySeconds(Stats.SAMPLE_COUNT),
    below: 1,
    periods: 3,
    missing: TreatMissingData.BREACHING,
  });
  allOf(
    watch,
    {
      id: 'outage',
      meaning: 'Files wait, and none is delivered.',
      section: 'outage',
      tells: 'critical',
    },
    [oldMessages, nothing],
  );
}
