import { acknowledge } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { bucket, bucketPolicy, logDelivery } from './bucket.ts';

/** The bucket for the access logs of the data buckets. Returns its policy, which must exist before logging is enabled. */
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
  acknowledge(
    logs,
    'AwsSolutions-S1',
    'Logging access to this bucket into itself would create logs without end.',
  );
  return bucketPolicy(scope, logs, 'access-logs', [logDelivery(environment, environment.accessLogsOf)]);
}
