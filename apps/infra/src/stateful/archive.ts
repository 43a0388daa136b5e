import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { RECEIPT_PREFIX } from '@data-aggregator/shared-processing/receipt';
import type { CfnBucketProps } from 'aws-cdk-lib/aws-s3';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import { bucket, bucketPolicy, cleanUp, dataBucketProps, writtenOnce } from './bucket.ts';
import { bucketNotifications, type Notifications } from './notifications.ts';

/**
 * The bucket with the replicas of all bundles, their manifests and the consumer's receipts. Bundles move to Deep Archive;
 * manifests stay, because the ledger reads them, and so do receipts, which `ops:find` reads. With "varies_by_storage_class" bundles under 128 KB move too.
 */
export function archive({ scope, environment }: Context, notifications: Notifications, after: IDependable) {
  const { archiveDays, archiveLockDays, deepArchiveAfterDays, distributionNoncurrentDays } =
    environment.retention;
  const made = bucket(scope, environment, 'archive', {
    ...dataBucketProps(environment, 'archive'),
    ...bucketNotifications(notifications, 'archive'),
    ...objectLock(archiveLockDays),
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
        cleanUp(),
      ],
    },
  });
  made.node.addDependency(after, ...notifications.policies);
  bucketPolicy(scope, made, 'archive', [writtenOnce(made, [BUNDLE_PREFIX, MANIFEST_PREFIX, RECEIPT_PREFIX])]);
  return made;
}

/**
 * Locks every version for a number of days after it was written. In governance mode an administrator with
 * s3:BypassGovernanceRetention can still delete it. Lifecycle rules wait until the lock ends.
 * Source: Amazon S3 User Guide, "Locking objects with Object Lock".
 */
function objectLock(
  days: number | undefined,
): Pick<CfnBucketProps, 'objectLockEnabled' | 'objectLockConfiguration'> {
  if (days === undefined) return {};
  return {
    objectLockEnabled: true,
    objectLockConfiguration: {
      objectLockEnabled: 'Enabled',
      rule: { defaultRetention: { mode: 'GOVERNANCE', days } },
    },
  };
}
