import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { Context } from '../context.ts';
import { account, bucketArn, physicalName } from '../names.ts';
import { policyDocument } from '../policy.ts';
import { tagResource } from '../tags.ts';

/** What S3 replicates with: it may read versions of bundles, and write replicas; it may not replicate deletions. */
export function replicationRole({ scope, environment: { name } }: Context): Role {
  const statements = [
    new PolicyStatement({
      actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
      resources: [bucketArn(name, 'distribution')],
    }),
    new PolicyStatement({
      actions: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      resources: [bucketArn(name, 'distribution', `${BUNDLE_PREFIX}*`)],
    }),
    new PolicyStatement({
      actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
      resources: [bucketArn(name, 'archive', `${BUNDLE_PREFIX}*`)],
    }),
  ];
  const role = new Role(scope, 'ReplicationRole', {
    roleName: physicalName(name, 'replication'),
    assumedBy: new ServicePrincipal('s3.amazonaws.com', {
      conditions: {
        ArnEquals: { 'aws:SourceArn': bucketArn(name, 'distribution') },
        StringEquals: { 'aws:SourceAccount': account },
      },
    }),
    inlinePolicies: { replicate: policyDocument(statements) },
  });
  acknowledgeWildcards(role, statements, 'S3 replicates each bundle; their prefix is what can be said.');
  return tagResource(role, 'replication-role');
}
