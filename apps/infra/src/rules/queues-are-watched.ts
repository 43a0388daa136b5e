import { at, listAt, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';
import { redrives } from '../templates/redrives.ts';

/** Unnoticed dead letters are files that are never delivered. */
export const queuesAreWatched: Rule = {
  name: 'QueuesAreWatched',
  fix: 'Give the queue the alarms of observability/queue-alarms.ts.',
  check(templates) {
    const alarms = ofType(templates, 'AWS::CloudWatch::Alarm');
    const watched = (metric: string, queue: unknown) =>
      alarms.some(
        ({ properties }) =>
          properties.MetricName === metric &&
          listAt(properties, 'Dimensions').some((dimension) => at(dimension, 'Value') === queue),
      );
    return redrives(templates).flatMap(({ source, deadLetters }) => [
      ...(watched('ApproximateAgeOfOldestMessage', source.properties.QueueName)
        ? []
        : [{ resource: source, problem: 'it has no alarm on the age of its oldest message' }]),
      ...(watched('ApproximateNumberOfMessagesVisible', deadLetters?.properties.QueueName)
        ? []
        : [{ resource: deadLetters ?? source, problem: 'it has no alarm on its dead letters' }]),
    ]);
  },
};
