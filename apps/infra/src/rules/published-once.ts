import { RESOURCE_TAG } from '../conventions/tags.ts';
import { at, listAt, ofType, type Resource, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** What is written once, by bucket. */
const ONCE: Readonly<Record<string, readonly string[]>> = {
  distribution: ['/bundles/*'],
  archive: ['/bundles/*', '/manifests/*'],
};

/** "Published once" holds against every role only if the bucket itself refuses to replace what it has. */
export const publishedOnce: Rule = {
  name: 'PublishedOnce',
  fix: 'Add writtenOnce of stateful/bucket.ts to the policy of the bucket.',
  check(templates) {
    const policies = ofType(templates, 'AWS::S3::BucketPolicy');
    return ofType(templates, 'AWS::S3::Bucket').flatMap((resource) =>
      (ONCE[tagOf(resource, RESOURCE_TAG)] ?? [])
        .filter((keys) => !policies.some((policy) => refusesToReplace(policy, resource, keys)))
        .map((keys) => ({ resource, problem: `its policy lets an object replace one of ${keys}` })),
    );
  },
};

function refusesToReplace({ properties }: Resource, bucket: Resource, keys: string): boolean {
  if (at(properties, 'Bucket', 'Ref') !== bucket.logicalId) return false;
  return listAt(properties, 'PolicyDocument', 'Statement').some(
    (statement) =>
      at(statement, 'Effect') === 'Deny' &&
      at(statement, 'Principal') === '*' &&
      at(statement, 'Action') === 's3:PutObject' &&
      at(statement, 'Condition', 'Null', 's3:if-none-match') === 'true' &&
      // Any other condition would let some requests through.
      Object.keys(at(statement, 'Condition') ?? {}).every((operator) =>
        ['Null', 'Bool'].includes(operator),
      ) &&
      [at(statement, 'Resource')].flat().some((resource) => JSON.stringify(resource).includes(`"${keys}"`)),
  );
}
