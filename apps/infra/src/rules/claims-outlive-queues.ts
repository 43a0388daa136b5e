import { redrives, retentionDays } from '../templates/redrives.ts';
import { at, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A message can return during the retention of its queue and then, as a dead letter that is redriven, during the retention
 * of the dead-letter queue. If its claim expired earlier, the file could be delivered twice.
 */
export const claimsOutliveQueues: Rule = {
  name: 'ClaimsOutliveQueues',
  fix: 'Make retention.claimDays greater than retention.sourceQueueDays + retention.deadLetterDays.',
  check(templates) {
    const { claimDays } = templates.environment.retention;
    const queues = redrives(templates)
      .map(({ source, deadLetters }) => ({
        source,
        days: retentionDays(source) + retentionDays(deadLetters),
      }))
      .filter(({ days }) => !(claimDays > days))
      .map(({ source, days }) => ({
        resource: source,
        problem: `a message can return for ${days} days, but claims are kept for ${claimDays}`,
      }));
    const functions = ofType(templates, 'AWS::Lambda::Function')
      .map((resource) => ({
        resource,
        configured: at(resource.properties, 'Environment', 'Variables', 'CLAIM_RETENTION_DAYS'),
      }))
      .filter(({ configured }) => configured !== undefined && configured !== String(claimDays))
      .map(({ resource, configured }) => ({
        resource,
        problem: `its CLAIM_RETENTION_DAYS is ${String(configured)}, but claims are kept for ${claimDays} days`,
      }));
    return [...queues, ...functions];
  },
};
