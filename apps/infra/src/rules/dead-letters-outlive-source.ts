import { redrives, retentionDays } from '../templates/redrives.ts';
import type { Rule } from './rule.ts';

/**
 * A message that SQS moves to the dead-letter queue keeps the time of its first enqueue, so only the rest of the retention
 * is left. A message that the function refuses is sent anew and has the whole retention.
 */
export const deadLettersOutliveSource: Rule = {
  name: 'DeadLettersOutliveSource',
  fix: 'Make retention.deadLetterDays greater than retention.sourceQueueDays.',
  check(templates) {
    return redrives(templates)
      .filter(({ source, deadLetters }) => !(retentionDays(deadLetters) > retentionDays(source)))
      .map(({ source, deadLetters }) => ({
        resource: deadLetters ?? source,
        problem: `dead letters are kept for ${retentionDays(deadLetters)} days, messages in the source queue for ${retentionDays(source)}`,
      }));
  },
};
