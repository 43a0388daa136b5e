import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { RECEIPT_PREFIX } from '@data-aggregator/shared-processing/receipt';
import type { CfnBucket, CfnBucketProps } from 'aws-cdk-lib/aws-s3';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import { bucket, bucketPolicy, cleanUp, dataBucketProps, writtenOnce } from './bucket.ts';
import { bucketNotifications, type Notifications } from './notifications.ts';

/**
 * The bucket with the replicas of all bundles, their manifests and the consumer's receipts. Replication chooses the class of the
 * bundles; a lifecycle rule can move them to Deep Archive later. Manifests stay in Standard, because the ledger reads them, and so
 * do receipts, which `ops:find` reads.
 */
export function archive({ scope, environment }: Context, notifications: Notifications, after: IDependable) {
  const { archiveDays, archiveLockDays, deepArchiveAfterDays, distributionNoncurrentDays } =
    environment.retention;
  const made = bucket(scope, environment, 'archive', {
    ...dataBucketProps(environment, 'archive'),
    ...bucketNotifications(notifications, 'archive'),
    ...objectLock(archiveLockDays),
    lifecycleConfiguration: {
      // Bundles under 128 KB move too.
      transitionDefaultMinimumObjectSize: 'varies_by_storage_class',
      rules: [
        ...toDeepArchive(deepArchiveAfterDays),
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

function toDeepArchive(days: number | undefined): CfnBucket.RuleProperty[] {
  if (days === undefined) return [];
  return [
    {
      id: 'deep-archive',
      status: 'Enabled',
      prefix: BUNDLE_PREFIX,
      transitions: [{ storageClass: 'DEEP_ARCHIVE', transitionInDays: days }],
    },
  ];
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
