import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays, noncurrentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** S3 expires at midnight, UTC: once as the current object, once as a noncurrent version. */
const ROUNDED_DAYS = 2;

/**
 * A file may be requeued at any time: by the reconciler, by whoever sends a dead letter back, by S3. While it can
 * be read there must be the claim that says it was delivered.
 */
export const claimsOutliveLanding: Rule = {
  name: 'ClaimsOutliveLanding',
  fix: `Make retention.claimDays at least twice retention.landingDays, and ${ROUNDED_DAYS}.`,
  check(templates) {
    const { claimDays } = templates.environment.retention;
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'landing')
      .map((resource) => ({
        resource,
        days: currentDays(resource) + noncurrentDays(resource) + ROUNDED_DAYS,
      }))
      .filter(({ days }) => days > claimDays)
      .map(({ resource, days }) => ({
        resource,
        problem: `a landed version can be read for up to ${days} days, and claims are kept ${claimDays}`,
      }));
  },
};
