import { RESOURCE_TAG } from '../conventions/tags.ts';
import { noncurrentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * That a bundle was taken shows by its delete marker and the version below it. If they ended before the claims that
 * name the bundle, a file that was delivered would look as if it had not been.
 */
export const versionsOutliveClaims: Rule = {
  name: 'VersionsOutliveClaims',
  fix: 'Make retention.distributionNoncurrentDays longer than retention.claimDays.',
  check(templates) {
    const { claimDays } = templates.environment.retention;
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'distribution')
      .filter((bucket) => !(noncurrentDays(bucket) > claimDays))
      .map((resource) => ({
        resource,
        problem: `noncurrent versions are kept ${noncurrentDays(resource)} days, and claims ${claimDays}`,
      }));
  },
};
