import { SCRATCH_PREFIX } from './scratch.ts';

/**
 * The smallest IAM policy for a probe: nothing but its own resources, whose names begin with a fixed prefix.
 *
 * @param where account and region, or what stands for them in a template
 */
export function probePolicy({ account, region }: { account: string; region: string }) {
  const bucket = `arn:aws:s3:::${SCRATCH_PREFIX}*`;
  const resource = (service: string, name: string) =>
    `arn:aws:${service}:${region}:${account}:${name}${SCRATCH_PREFIX}*`;
  const allow = (actions: string[], Resource: string) => ({
    Effect: 'Allow',
    Action: actions,
    Resource,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      allow(
        [
          's3:CreateBucket',
          's3:DeleteBucket',
          's3:ListBucket',
          's3:ListBucketMultipartUploads',
          's3:ListBucketVersions',
          's3:PutBucketNotification',
          's3:PutBucketTagging',
          's3:PutBucketVersioning',
        ],
        bucket,
      ),
      allow(
        [
          's3:AbortMultipartUpload',
          's3:DeleteObject',
          's3:DeleteObjectVersion',
          's3:GetObject',
          's3:GetObjectVersion',
          's3:PutObject',
        ],
        `${bucket}/*`,
      ),
      allow(
        [
          'sqs:ChangeMessageVisibility',
          'sqs:CreateQueue',
          'sqs:DeleteMessage',
          'sqs:DeleteQueue',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
          'sqs:TagQueue',
        ],
        resource('sqs', ''),
      ),
      allow(
        [
          'dynamodb:CreateTable',
          'dynamodb:DeleteTable',
          'dynamodb:DescribeTable',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:TagResource',
          'dynamodb:UpdateTimeToLive',
        ],
        resource('dynamodb', 'table/'),
      ),
    ],
  };
}
