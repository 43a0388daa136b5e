import { Duration } from 'aws-cdk-lib';
import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueueFunction } from '../app/functions.ts';
import { deadLettersName, queueName } from '../conventions/names.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
import { alarm, type Watch } from './alarm.ts';
import { queueMetric } from './metrics.ts';

/** The alarms of one queue. */
export interface QueueAlarms {
  deadLetters: Alarm;
  oldMessages: Alarm;
}

/** The alarms of the queues that tell consumers about new bundles. Bundles are safe: a listing finds them too. */
export function readyQueueAlarms(watch: Watch): void {
  const { name: environment, observability } = watch.environment;
  const { backlogAgeSeconds } = observability;
  for (const { name } of readyQueues(watch.environment)) {
    alarm(watch, {
      id: `${name}-dead-letters`,
      meaning: `The consumer could not process messages of the queue ${name}, again and again. Their bundles are in distribution, and a listing finds them.`,
      section: 'ready-queue',
      notifies: 'warning',
      metric: queueMetric(
        deadLettersName(environment, name),
        'ApproximateNumberOfMessagesVisible',
        Stats.MAXIMUM,
      ),
      atLeast: 1,
    });
    alarm(watch, {
      id: `${name}-old-messages`,
      meaning: `A message has waited in the queue ${name} for ${backlogAgeSeconds} s or longer: its consumer has stopped, or does not read the queue.`,
      section: 'ready-queue',
      notifies: 'warning',
      metric: queueMetric(queueName(environment, name), 'ApproximateAgeOfOldestMessage', Stats.MAXIMUM),
      atLeast: backlogAgeSeconds,
      periods: 2,
    });
  }
}

/** The alarms of a function's queue. */
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
