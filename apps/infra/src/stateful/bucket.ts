import { Effect, PolicyStatement, ServicePrincipal, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, CfnBucketPolicy, type CfnBucketProps } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Environment } from '../environments/environment.ts';
import { account, bucketArn, bucketName, type BucketName, constructId } from '../conventions/names.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';
import { policyDocument, tlsOnly } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/**
 * A private bucket with a derived name, SSE-S3 encryption and no ACLs. In a protected environment it is retained when its
 * stack is deleted. CloudFormation itself refuses to delete a bucket that is not empty.
 */
export function bucket(
  scope: Construct,
  environment: Environment,
  name: BucketName,
  props: CfnBucketProps,
): CfnBucket {
  const made = new CfnBucket(scope, constructId(name), {
    bucketName: bucketName(environment.name, name),
    bucketEncryption: {
      serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    ...props,
  });
  applyRemovalPolicy(made, environment);
  return tagResource(made, name);
}

/** Settings of the three data buckets: versioning and access logging. */
export function dataBucketProps(environment: Environment, name: BucketName) {
  return {
    versioningConfiguration: { status: 'Enabled' },
    loggingConfiguration: {
      destinationBucketName: bucketName(environment.name, 'access-logs'),
      logFilePrefix: `${name}/`,
    },
  } satisfies CfnBucketProps;
}

/** A bucket policy that requires TLS, with further statements. */
export function bucketPolicy(
  scope: Construct,
  of: CfnBucket,
  name: BucketName,
  statements: PolicyStatement[] = [],
): CfnBucketPolicy {
  const resources = [of.attrArn, `${of.attrArn}/*`];
  return new CfnBucketPolicy(scope, `${constructId(name)}Policy`, {
    bucket: of.ref,
    policyDocument: policyDocument([tlsOnly('s3:*', resources), ...statements]),
  });
}

/**
 * Denies all principals any write that could replace an object below these prefixes, so that nothing published ever changes.
 * Replication is not affected, because it does not use PutObject. Only the last step of a multipart upload creates an object and
 * accepts the condition; for its other steps `s3:ObjectCreationOperation` is false.
 * Source: Amazon S3 User Guide, "Enforce conditional writes on Amazon S3 buckets".
 */
export function writtenOnce(of: CfnBucket, prefixes: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'WrittenOnce',
    effect: Effect.DENY,
    principals: [new StarPrincipal()],
    actions: ['s3:PutObject'],
    resources: prefixes.map((prefix) => `${of.attrArn}/${prefix}*`),
    conditions: {
      Null: { 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    },
  });
}

/** Allows S3 to deliver access logs of the account's own buckets. */
export function logDelivery(environment: Environment, from: BucketName[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'AccessLogDelivery',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
    actions: ['s3:PutObject'],
    resources: [bucketArn(environment.name, 'access-logs', '*')],
    conditions: {
      ArnEquals: { 'aws:SourceArn': from.map((name) => bucketArn(environment.name, name)) },
      StringEquals: { 'aws:SourceAccount': account },
    },
  });
}

/**
 * Removes what only costs money: delete markers without versions, and parts of uploads that nobody completed.
 *
 * @param uploadDays days after which S3 aborts an upload. A function completes its uploads within one invocation, which lasts
 *   at most 15 minutes, so that one day, S3's minimum, is enough.
 */
export function cleanUp(uploadDays = 1): CfnBucket.RuleProperty {
  return {
    id: 'clean-up',
    status: 'Enabled',
    expiredObjectDeleteMarker: true,
    abortIncompleteMultipartUpload: { daysAfterInitiation: uploadDays },
  };
}
