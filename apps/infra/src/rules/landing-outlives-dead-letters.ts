import { RESOURCE_TAG } from '../tag-keys.ts';
import { currentDays, noncurrentDays } from './lifecycle.ts';
import { redrives, retentionDays } from './queues.ts';
import { ofType, type Rule, tagOf } from './rule.ts';

/**
 * A dead letter names an object version. It is of use only while that version can be read: as the current object,
 * and then as a noncurrent version. Both ages are counted from the landing, as the dead letter's is.
 */
export const landingOutlivesDeadLetters: Rule = {
  name: 'LandingOutlivesDeadLetters',
  fix: 'Make twice retention.landingDays at least retention.deadLetterDays.',
  check(templates) {
    const longest = Math.max(...redrives(templates).map(({ deadLetters }) => retentionDays(deadLetters)), 0);
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'landing')
      .map((resource) => ({ resource, days: currentDays(resource) + noncurrentDays(resource) }))
      .filter(({ days }) => days < longest)
      .map(({ resource, days }) => ({
        resource,
        problem: `a version can be read for ${days} days, and a dead letter names it for ${longest}`,
      }));
  },
};
