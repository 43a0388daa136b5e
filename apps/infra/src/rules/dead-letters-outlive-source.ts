import { redrives, retentionDays } from '../templates/redrives.ts';
import type { Rule } from './rule.ts';

/**
 * A message that SQS itself puts aside keeps the time of its first enqueue, so it has only the rest of the longer
 * retention. One that the function refuses is a new message, and has all of it.
 */
export const deadLettersOutliveSource: Rule = {
  name: 'DeadLettersOutliveSource',
  fix: 'Make retention.deadLetterDays longer than retention.sourceQueueDays.',
  check(templates) {
    return redrives(templates)
      .filter(({ source, deadLetters }) => !(retentionDays(deadLetters) > retentionDays(source)))
      .map(({ source, deadLetters }) => ({
        resource: deadLetters ?? source,
        problem: `dead letters are kept ${retentionDays(deadLetters)} days, their source ${retentionDays(source)}`,
      }));
  },
};
