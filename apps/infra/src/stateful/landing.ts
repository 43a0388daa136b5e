import { ArnPrincipal, Effect, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { bucketArn } from '../conventions/names.ts';
import { bucket, bucketPolicy, cleanUp, dataBucketProps } from './bucket.ts';
import { bucketNotifications, type Notifications } from './notifications.ts';

/**
 * Days that the external party may take for one multipart upload: 5 TB over 100 Mbit/s take almost five. The reconciler looks
 * back as far (apps/reconciler/src/range.ts), because S3 dates an object by the start of its upload.
 */
const UPLOAD_DAYS = 7;

/**
 * The bucket in which files arrive. An object is current for `landingDays` and then noncurrent for as long again, so that it
 * lives as long as dead letters that name it, but not as long as its claim.
 */
export function landing({ scope, environment }: Context, notifications: Notifications, after: IDependable) {
  const days = environment.retention.landingDays;
  const made = bucket(scope, environment, 'landing', {
    ...dataBucketProps(environment, 'landing'),
    ...bucketNotifications(notifications, 'landing'),
    lifecycleConfiguration: {
      rules: [
        { id: 'expire', status: 'Enabled', expirationInDays: days },
        {
          id: 'expire-noncurrent',
          status: 'Enabled',
          noncurrentVersionExpiration: { noncurrentDays: days },
        },
        cleanUp(UPLOAD_DAYS),
      ],
    },
  });
  made.node.addDependency(after, ...notifications.policies);
  bucketPolicy(scope, made, 'landing', [
    ...readableStatements(environment),
    ...uploaderStatements(environment),
  ]);
}

/**
 * Denies all principals uploads that functions could not read: in an archive class, with a key that only the uploader has
 * (SSE-C), or with a KMS key, for which functions have no permission. Without these headers the bucket's defaults apply.
 */
function readableStatements({ name }: Environment): PolicyStatement[] {
  const deny = (sid: string, conditions: Record<string, Record<string, string>>) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new StarPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucketArn(name, 'landing', '*')],
      conditions,
    });
  // StringNotEquals also matches a missing header, so each statement also requires the header to be present.
  const otherThan = (header: string, value: string) => ({
    Null: { [`s3:${header}`]: 'false' },
    StringNotEquals: { [`s3:${header}`]: value },
  });
  return [
    deny('StandardClassOnly', otherThan('x-amz-storage-class', 'STANDARD')),
    deny('NoCustomerKeys', { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } }),
    deny('NoKmsKeys', otherThan('x-amz-server-side-encryption', 'AES256')),
  ];
}

/** Limits the uploader to putting objects, from its own addresses, whatever its own account allows. */
function uploaderStatements({ name, uploader }: Environment): PolicyStatement[] {
  if (uploader.principals.length === 0) return [];
  const principals = uploader.principals.map((arn) => new ArnPrincipal(arn));
  const objects = bucketArn(name, 'landing', '*');
  const statements = [
    new PolicyStatement({
      sid: 'UploaderPuts',
      principals,
      actions: ['s3:PutObject'],
      resources: [objects],
    }),
    new PolicyStatement({
      sid: 'UploaderDoesNothingElse',
      effect: Effect.DENY,
      principals,
      notActions: ['s3:PutObject'],
      resources: [bucketArn(name, 'landing'), objects],
    }),
  ];
  if (uploader.sourceIps.length > 0) {
    statements.push(
      new PolicyStatement({
        sid: 'UploaderFromItsAddresses',
        effect: Effect.DENY,
        principals,
        actions: ['s3:PutObject'],
        resources: [objects],
        conditions: { NotIpAddress: { 'aws:SourceIp': [...uploader.sourceIps] } },
      }),
    );
  }
  return statements;
}
