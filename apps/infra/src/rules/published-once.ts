import { RESOURCE_TAG } from '../conventions/tags.ts';
import { at, listAt, ofType, type Resource, tagOf } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Keys that are written once, by bucket. */
const ONCE: Readonly<Record<string, readonly string[]>> = {
  distribution: ['/bundles/*'],
  archive: ['/bundles/*', '/manifests/*', '/receipts/*'],
};

/** "Published once" holds for every role only if the bucket policy itself refuses to replace an object. */
export const publishedOnce: Rule = {
  name: 'PublishedOnce',
  fix: 'Add writtenOnce from stateful/bucket.ts to the policy of the bucket.',
  check(templates) {
    const policies = ofType(templates, 'AWS::S3::BucketPolicy');
    return ofType(templates, 'AWS::S3::Bucket').flatMap((resource) =>
      (ONCE[tagOf(resource, RESOURCE_TAG)] ?? [])
        .filter((keys) => !policies.some((policy) => refusesToReplace(policy, resource, keys)))
        .map((keys) => ({ resource, problem: `its policy allows an object below ${keys} to be replaced` })),
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
      // Without this condition, parts of an upload would be denied; with its opposite, nothing else would be.
      at(statement, 'Condition', 'Bool', 's3:ObjectCreationOperation') === 'true' &&
      // Any other condition would exempt some requests.
      Object.keys(at(statement, 'Condition') ?? {}).every((operator) =>
        ['Null', 'Bool'].includes(operator),
      ) &&
      [at(statement, 'Resource')].flat().some((resource) => JSON.stringify(resource).includes(`"${keys}"`)),
  );
}
