import { redrives, retentionDays } from './queues.ts';
import type { Rule } from './rule.ts';

/** A dead letter keeps the time of its first enqueue, so it has only the rest of the longer retention. */
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
