import { RESOURCE_TAG } from '../conventions/tags.ts';
import { currentDays } from '../templates/lifecycle-days.ts';
import { ofType, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** The ledger checks a claim against the manifest of its bundle, so a manifest must exist as long as any claim on it. */
export const manifestsOutliveClaims: Rule = {
  name: 'ManifestsOutliveClaims',
  fix: 'Make retention.archiveDays greater than retention.claimDays.',
  check(templates) {
    const { claimDays } = templates.environment.retention;
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => tagOf(bucket, RESOURCE_TAG) === 'archive')
      .filter((bucket) => currentDays(bucket) <= claimDays)
      .map((resource) => ({
        resource,
        problem: `manifests are kept for ${currentDays(resource)} days, claims for ${claimDays}`,
      }));
  },
};
