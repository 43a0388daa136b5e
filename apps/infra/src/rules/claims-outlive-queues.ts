import { redrives, retentionDays } from '../templates/redrives.ts';
import { at, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A message can come back for as long as its queue keeps it, and then, refused and sent back, for as long as the dead
 * letters do. A claim that ended before would let the file be delivered twice.
 */
export const claimsOutliveQueues: Rule = {
  name: 'ClaimsOutliveQueues',
  fix: 'Make retention.claimDays longer than sourceQueueDays and deadLetterDays together.',
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
        problem: `a message can come back for ${days} days, and claims are kept ${claimDays}`,
      }));
    const functions = ofType(templates, 'AWS::Lambda::Function')
      .map((resource) => ({
        resource,
        told: at(resource.properties, 'Environment', 'Variables', 'CLAIM_RETENTION_DAYS'),
      }))
      .filter(({ told }) => told !== undefined && told !== String(claimDays))
      .map(({ resource, told }) => ({
        resource,
        problem: `its CLAIM_RETENTION_DAYS is ${String(told)}, and claims are kept ${claimDays} days`,
      }));
    return [...queues, ...functions];
  },
};
