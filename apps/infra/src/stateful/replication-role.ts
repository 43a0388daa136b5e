import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { bucketArn, physicalName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/**
 * The role with which S3 replicates. It can read versions of bundles and write replicas; it cannot replicate deletions.
 *
 * The trust policy has no condition on aws:SourceArn or aws:SourceAccount. AWS documents it without one ("Setting up
 * permissions for live replication"), and does not say that S3 sends these keys when it assumes the role; if it does not, a
 * condition would stop all replication. It would also add little: a replication configuration can name only a role of its
 * own account, and setting it requires iam:PassRole.
 */
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
    assumedBy: new ServicePrincipal('s3.amazonaws.com'),
    inlinePolicies: { replicate: policyDocument(statements) },
  });
  acknowledgeWildcards(role, statements, 'The names of bundles are not known in advance; their prefix is.');
  return tagResource(role, 'replication-role');
}
