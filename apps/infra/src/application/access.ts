import type { Access, FunctionManifest } from '@data-aggregator/function-manifest';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { arn, bucketArn, deadLettersName, queueName, tableName } from '../conventions/names.ts';

type BucketAccess = Extract<Access, { resource: 'landing' | 'distribution' | 'archive' }>;
type BucketVerb = BucketAccess['may'][number];

/** The action that each verb allows, and whether it applies to the objects or to the bucket. */
const bucketActions: Readonly<Record<BucketVerb, { action: string; on: 'objects' | 'bucket' }>> = {
  read: { action: 's3:GetObject', on: 'objects' },
  'read-version': { action: 's3:GetObjectVersion', on: 'objects' },
  write: { action: 's3:PutObject', on: 'objects' },
  /** Needed to give up a multipart upload; all other steps of one are s3:PutObject. */
  'abort-upload': { action: 's3:AbortMultipartUpload', on: 'objects' },
  delete: { action: 's3:DeleteObject', on: 'objects' },
  restore: { action: 's3:RestoreObject', on: 'objects' },
  list: { action: 's3:ListBucket', on: 'bucket' },
  'list-versions': { action: 's3:ListBucketVersions', on: 'bucket' },
};

const tableActions = {
  get: 'dynamodb:GetItem',
  put: 'dynamodb:PutItem',
  update: 'dynamodb:UpdateItem',
  delete: 'dynamodb:DeleteItem',
} as const;

const queueActions = {
  send: ['sqs:SendMessage'],
  /** The event source mapping needs all three. */
  receive: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  'change-visibility': ['sqs:ChangeMessageVisibility'],
} as const;

/** The statements for a manifest's `access`: one action per verb, on the named resource. */
export function accessStatements(environment: string, manifest: FunctionManifest): PolicyStatement[] {
  return manifest.access.flatMap((access) => statements(environment, manifest.name, access));
}

/** The permissions that the event source mapping needs on a function's own queue. */
export function receiveStatement(environment: string, fn: string): PolicyStatement {
  return new PolicyStatement({
    actions: [...queueActions.receive],
    resources: [arn('sqs', queueName(environment, fn))],
  });
}

function statements(environment: string, fn: string, access: Access): PolicyStatement[] {
  switch (access.resource) {
    case 'landing':
    case 'distribution':
    case 'archive':
      return bucketStatements(environment, access);
    case 'ledger':
      return [
        new PolicyStatement({
          actions: access.may.map((verb) => tableActions[verb]),
          resources: [arn('dynamodb', `table/${tableName(environment)}`)],
        }),
      ];
    case 'queue':
    case 'dead-letters': {
      const of = access.of ?? fn;
      const name =
        access.resource === 'queue' ? queueName(environment, of) : deadLettersName(environment, of);
      return [
        new PolicyStatement({
          actions: access.may.flatMap((verb) => queueActions[verb]),
          resources: [arn('sqs', name)],
        }),
      ];
    }
  }
}

/**
 * `list` has no condition on the prefix: only with s3:ListBucket does S3 return 404 for a missing key. Without it, HEAD and
 * GET return 403.
 */
function bucketStatements(environment: string, { resource, may, prefix = '' }: BucketAccess) {
  const statement = (on: 'objects' | 'bucket', arn: string) => {
    const actions = may.map((verb) => bucketActions[verb]).filter((allowed) => allowed.on === on);
    if (actions.length === 0) return [];
    return [new PolicyStatement({ actions: actions.map(({ action }) => action), resources: [arn] })];
  };
  return [
    ...statement('objects', bucketArn(environment, resource, `${prefix}*`)),
    ...statement('bucket', bucketArn(environment, resource)),
  ];
}
