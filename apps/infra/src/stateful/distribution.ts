import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import { bucketArn } from '../conventions/names.ts';
import { bucket, bucketPolicy, cleanUp, dataBucketProps, writtenOnce } from './bucket.ts';
import { bucketNotifications, type Notifications } from './notifications.ts';
import { replicationRole } from './replication-role.ts';

/**
 * The bucket in which bundles wait for the consumer. A collected bundle remains as a noncurrent version under its delete
 * marker, which shows the ledger that it was published. Therefore versions outlive claims.
 */
export function distribution(
  context: Context,
  notifications: Notifications,
  archive: CfnBucket,
  after: IDependable,
) {
  const { scope, environment } = context;
  const { distributionDays, distributionNoncurrentDays } = environment.retention;
  const made = bucket(scope, environment, 'distribution', {
    ...dataBucketProps(environment, 'distribution'),
    ...bucketNotifications(notifications, 'distribution'),
    lifecycleConfiguration: {
      rules: [
        { id: 'expire', status: 'Enabled', expirationInDays: distributionDays },
        {
          id: 'expire-noncurrent',
          status: 'Enabled',
          noncurrentVersionExpiration: { noncurrentDays: distributionNoncurrentDays },
        },
        cleanUp(),
      ],
    },
    replicationConfiguration: {
      role: replicationRole(context).roleArn,
      rules: [
        {
          id: 'bundles',
          status: 'Enabled',
          priority: 1,
          // Not replays/, because the archive already has those bundles.
          filter: { prefix: BUNDLE_PREFIX },
          deleteMarkerReplication: { status: 'Disabled' },
          destination: { bucket: bucketArn(environment.name, 'archive'), metrics: { status: 'Enabled' } },
        },
      ],
    },
  });
  // S3 refuses replication to a bucket that does not exist or has no versioning.
  made.node.addDependency(after, archive, ...notifications.policies);
  bucketPolicy(scope, made, 'distribution', [writtenOnce(made, ['bundles/'])]);
}
