import type { CfnBucket } from 'aws-cdk-lib/aws-s3';

/** Removes what only costs: delete markers without versions, and parts of uploads that were never completed. */
export const cleanUp: CfnBucket.RuleProperty = {
  id: 'clean-up',
  status: 'Enabled',
  expiredObjectDeleteMarker: true,
  abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
};
