import { ArnPrincipal, Effect, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IDependable } from 'constructs';
import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { bucketArn } from '../conventions/names.ts';
import { bucket, bucketPolicy, cleanUp, dataBucketProps } from './bucket.ts';
import { bucketNotifications, type Notifications } from './notifications.ts';

/**
 * Where files arrive. Their versions last as long as the dead letters that name them, and shorter than claims: a current
 * object for `landingDays`, and its version for as long again.
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
        cleanUp,
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
 * Refuses, to everybody, a file that functions could not read: in an archive class, under a key that the uploader alone
 * has (SSE-C), or under a KMS key, for which functions have no permission. Requests without these headers get the
 * bucket's own class and encryption.
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
  // A condition such as StringNotEquals is met by a header that is not there, so each also asks whether it is.
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

/** The uploader may put, from its own addresses, and nothing else, whatever its own account allows it. */
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
