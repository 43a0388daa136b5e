import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { RESOURCE_TAG } from '../conventions/tags.ts';
import { at, listAt, ofType, type Resource, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

const DATA = ['landing', 'distribution', 'archive'];

/**
 * Notifications name versions, and a delete marker shows that the consumer took a bundle: both need versioning. Noncurrent
 * versions must expire, or they cost money forever. Manifests must not move to an archive class, because the ledger reads them.
 */
export const dataBucketsKeepVersions: Rule = {
  name: 'DataBucketsKeepVersions',
  fix: `Enable versioning, add a noncurrent version expiration, and move only ${BUNDLE_PREFIX} to an archive class.`,
  check(templates) {
    const buckets = ofType(templates, 'AWS::S3::Bucket').filter((bucket) =>
      DATA.includes(tagOf(bucket, RESOURCE_TAG)),
    );
    return buckets.flatMap((resource) => problems(resource).map((problem) => ({ resource, problem })));
  },
};

function problems({ properties }: Resource): string[] {
  const rules = listAt(properties, 'LifecycleConfiguration', 'Rules');
  const found: string[] = [];
  if (at(properties, 'VersioningConfiguration', 'Status') !== 'Enabled')
    found.push('versioning is not enabled');
  if (!rules.some((rule) => at(rule, 'NoncurrentVersionExpiration') !== undefined)) {
    found.push('its noncurrent versions never expire');
  }
  for (const rule of rules) {
    if (at(rule, 'Transitions') !== undefined && at(rule, 'Prefix') !== BUNDLE_PREFIX) {
      found.push(`its lifecycle rule "${String(at(rule, 'Id'))}" moves more than ${BUNDLE_PREFIX}`);
    }
  }
  return found;
}
