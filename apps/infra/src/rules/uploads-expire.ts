import { at, listAt, numberAt, ofType, type Resource } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/**
 * A crash between two parts leaves an upload that nobody completes or aborts. Its parts are invisible and cost money until a
 * lifecycle rule removes them.
 */
export const uploadsExpire: Rule = {
  name: 'UploadsExpire',
  fix: 'Add cleanUp from stateful/bucket.ts to the lifecycle rules of the bucket.',
  check(templates) {
    return ofType(templates, 'AWS::S3::Bucket')
      .filter((bucket) => !removesUploads(bucket))
      .map((resource) => ({ resource, problem: 'parts of uploads that nobody completes stay forever' }));
  },
};

/** Whether an enabled lifecycle rule without a filter aborts uploads. */
function removesUploads({ properties }: Resource): boolean {
  return listAt(properties, 'LifecycleConfiguration', 'Rules').some(
    (rule) =>
      at(rule, 'Status') === 'Enabled' &&
      numberAt(rule, 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation') >= 1 &&
      ['Prefix', 'Filter', 'TagFilters', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'].every(
        (filter) => at(rule, filter) === undefined,
      ),
  );
}
