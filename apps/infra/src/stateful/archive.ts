import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { IDependable } from 'constructs';
import type { Context } from '../context.ts';
import { bucket, bucketPolicy, dataBucketProps } from './bucket.ts';
import { bucketNotifications, type Announcements } from './announcements.ts';
import { cleanUp } from './lifecycle.ts';

/**
 * The copy of every bundle, and the manifests. Bundles move to Deep Archive; manifests never do, since the ledger
 * reads them. "varies_by_storage_class" lets bundles under 128 KB move too.
 */
export function archive({ scope, environment }: Context, announcements: Announcements, after: IDependable) {
  const { archiveDays, deepArchiveAfterDays, distributionNoncurrentDays } = environment.retention;
  const made = bucket(scope, environment, 'archive', {
    ...dataBucketProps(environment, 'archive'),
    ...bucketNotifications(announcements, 'archive'),
    lifecycleConfiguration: {
      transitionDefaultMinimumObjectSize: 'varies_by_storage_class',
      rules: [
        {
          id: 'deep-archive',
          status: 'Enabled',
          prefix: BUNDLE_PREFIX,
          transitions: [{ storageClass: 'DEEP_ARCHIVE', transitionInDays: deepArchiveAfterDays }],
        },
        {
          id: 'expire-noncurrent',
          status: 'Enabled',
          noncurrentVersionExpiration: { noncurrentDays: distributionNoncurrentDays },
        },
        ...(archiveDays === undefined
          ? []
          : [{ id: 'expire', status: 'Enabled', expirationInDays: archiveDays }]),
        cleanUp,
      ],
    },
  });
  made.node.addDependency(after, ...announcements.policies);
  bucketPolicy(scope, made, 'archive');
  return made;
}
