import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import {
  AccountRootPrincipal,
  ArnPrincipal,
  CompositePrincipal,
  type IPrincipal,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcards } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import type { ExternalParty } from '../environments/environment.ts';
import { bucketArn, physicalName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/**
 * The role that the consumer assumes. It can list, get and delete bundles. A delete leaves a delete marker; the role cannot
 * delete a version.
 */
export function consumerRole({ scope, environment: { name, consumer } }: Context): Role {
  const conditions =
    consumer.sourceIps.length > 0
      ? { conditions: { IpAddress: { 'aws:SourceIp': [...consumer.sourceIps] } } }
      : {};
  const statements = [
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucketArn(name, 'distribution')],
      ...conditions,
    }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:DeleteObject'],
      resources: [BUNDLE_PREFIX, REPLAY_PREFIX].map((prefix) =>
        bucketArn(name, 'distribution', `${prefix}*`),
      ),
      ...conditions,
    }),
  ];
  const role = new Role(scope, 'ConsumerRole', {
    roleName: physicalName(name, 'consumer'),
    assumedBy: trusted(consumer),
    inlinePolicies: { consume: policyDocument(statements) },
  });
  acknowledgeWildcards(
    role,
    statements,
    'The names of bundles are not known in advance; their prefixes are.',
  );
  return tagResource(role, 'consumer-role');
}

function trusted({ principals }: ExternalParty): IPrincipal {
  const [first, ...others] = principals.map((arn) => new ArnPrincipal(arn));
  return first === undefined ? new AccountRootPrincipal() : new CompositePrincipal(first, ...others);
}
