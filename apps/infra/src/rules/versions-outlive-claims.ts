import { RESOURCE_TAG } from '../conventions/tags.ts';
import { noncurrentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * The delete marker and the version below it show that the consumer took a bundle. If they expired before the claims that
 * name the bundle, a delivered file would look undelivered.
 */
export const versionsOutliveClaims: Rule = {
  name: 'VersionsOutliveClaims',
  fix: 'Make retention.distributionNoncurrentDays greater than retention.claimDays.',
  check(templates) {
    const { claimDays } = templates.environment.retention;
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'distribution')
      .filter((bucket) => !(noncurrentDays(bucket) > claimDays))
      .map((resource) => ({
        resource,
        problem: `noncurrent versions are kept for ${noncurrentDays(resource)} days, claims for ${claimDays}`,
      }));
  },
};
