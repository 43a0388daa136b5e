import { acknowledge } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { bucket, bucketPolicy, logDelivery } from './bucket.ts';

/** Where the access logs of the data buckets go. Its policy comes first: S3 checks it when logging is switched on. */
export function accessLogs({ scope, environment }: Context) {
  const logs = bucket(scope, environment, 'access-logs', {
    lifecycleConfiguration: {
      rules: [
        {
          id: 'expire',
          status: 'Enabled',
          expirationInDays: environment.retention.accessLogDays,
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
  });
  acknowledge(logs, 'AwsSolutions-S1', 'Access logs of the bucket of access logs would never end.');
  return bucketPolicy(scope, logs, 'access-logs', [
    logDelivery(environment, ['landing', 'distribution', 'archive']),
  ]);
}
