import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays, noncurrentDays } from '../templates/lifecycle-days.ts';
import { redrives, retentionDays } from '../templates/redrives.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A dead letter names an object version. It is of use only while that version can be read: as the current object, and
 * then as a noncurrent version. In days from the landing:
 *
 *     0                        source                  dead letters        source + dead letters
 *     ├─ notified, waits  ───────┤
 *     ├─ put aside by SQS, keeps the time of its first enqueue ──┤
 *                                ├─ refused by the function: a message of its own ─────────┤
 *     ├─ version: current ───────────────────┼─ noncurrent ────────────────────────────────┤
 *
 * Who sends it back, or requeues a file, begins anew: such a letter may outlive the version, and then ends as
 * `gone`. So may one about a version that the uploader overwrites: that one is noncurrent from then on.
 */
export const landingOutlivesDeadLetters: Rule = {
  name: 'LandingOutlivesDeadLetters',
  fix: 'Make twice retention.landingDays at least retention.sourceQueueDays and deadLetterDays together.',
  check(templates) {
    const longest = Math.max(
      ...redrives(templates).map(
        ({ source, deadLetters }) => retentionDays(source) + retentionDays(deadLetters),
      ),
      0,
    );
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'landing')
      .map((resource) => ({ resource, days: currentDays(resource) + noncurrentDays(resource) }))
      .filter(({ days }) => days < longest)
      .map(({ resource, days }) => ({
        resource,
        problem: `a version can be read for ${days} days, and a dead letter may name it for ${longest}`,
      }));
  },
};
