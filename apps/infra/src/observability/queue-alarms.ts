import { Duration } from 'aws-cdk-lib';
import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueueFunction } from '../app/functions.ts';
import { deadLettersName, queueName } from '../conventions/names.ts';
import { alarm, type Watch } from './alarm.ts';
import { queueMetric } from './metrics.ts';

/** The alarms of one queue. */
export interface QueueAlarms {
  deadLetters: Alarm;
  oldMessages: Alarm;
}

export function queueAlarms(watch: Watch, { manifest: { name, alarms } }: QueueFunction): QueueAlarms {
  const { oldestMessageSeconds = 600 } = alarms;
  return {
    deadLetters: alarm(watch, {
      id: `${name}-dead-letters`,
      meaning: `${name} has dead letters: their files are in no bundle. SQS deletes them when their retention ends.`,
      section: 'dead-letters',
      notifies: 'warning',
      metric: queueMetric(
        deadLettersName(watch.environment.name, name),
        'ApproximateNumberOfMessagesVisible',
        Stats.MAXIMUM,
      ),
      atLeast: 1,
    }),
    oldMessages: alarm(watch, {
      id: `${name}-old-messages`,
      meaning: `A notification has waited ${oldestMessageSeconds} s or longer for ${name}. One retried file can cause this; if all files wait, they are late.`,
      section: 'old-messages',
      notifies: 'warning',
      metric: queueMetric(
        queueName(watch.environment.name, name),
        'ApproximateAgeOfOldestMessage',
        Stats.MAXIMUM,
        Duration.minutes(1),
      ),
      atLeast: oldestMessageSeconds,
      periods: 3,
    }),
  };
}
