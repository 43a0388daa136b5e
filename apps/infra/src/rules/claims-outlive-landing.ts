import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays, noncurrentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** S3 rounds each expiration up to midnight UTC: once for the current object, once for the noncurrent version. */
const ROUNDED_DAYS = 2;

/**
 * The reconciler, a redrive or S3 can requeue a file at any time. While the file is readable, its claim must exist to show
 * that it was delivered.
 */
export const claimsOutliveLanding: Rule = {
  name: 'ClaimsOutliveLanding',
  fix: `Make retention.claimDays at least 2 × retention.landingDays + ${ROUNDED_DAYS}.`,
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
        problem: `a landed version is readable for up to ${days} days, but claims are kept for ${claimDays}`,
      }));
  },
};
