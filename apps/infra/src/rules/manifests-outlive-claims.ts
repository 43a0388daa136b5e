import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** A claim names a bundle, and the bundle's manifest says whether the file is in it: while the claim is kept. */
export const manifestsOutliveClaims: Rule = {
  name: 'ManifestsOutliveClaims',
  fix: 'Make retention.archiveDays longer than retention.claimDays.',
  check(templates) {
    const { claimDays } = templates.environment.retention;
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'archive')
      .filter((bucket) => currentDays(bucket) <= claimDays)
      .map((resource) => ({
        resource,
        problem: `manifests are kept ${currentDays(resource)} days, and claims ${claimDays}`,
      }));
  },
};
