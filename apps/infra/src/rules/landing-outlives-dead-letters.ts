import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays, noncurrentDays } from '../templates/lifecycle-days.ts';
import { redrives, retentionDays } from '../templates/redrives.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A dead letter names an object version and is useful only while that version is readable: as the current object, then as
 * a noncurrent version. In days from the landing:
 *
 *     0                        source                  dead letters        source + dead letters
 *     ├─ notified, waits  ───────┤
 *     ├─ moved by SQS, keeps the time of its first enqueue ──────┤
 *                                ├─ refused by the function: a new message ────────────────┤
 *     ├─ version: current ───────────────────┼─ noncurrent ────────────────────────────────┤
 *
 * A redrive or a requeue starts a new retention, so that such a dead letter can outlive its version and end as `gone`.
 * The same holds for a version that the uploader overwrites, because it becomes noncurrent early.
 */
export const landingOutlivesDeadLetters: Rule = {
  name: 'LandingOutlivesDeadLetters',
  fix: 'Make 2 × retention.landingDays at least retention.sourceQueueDays + retention.deadLetterDays.',
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
        problem: `a version is readable for ${days} days, but a dead letter can name it for ${longest}`,
      }));
  },
};
