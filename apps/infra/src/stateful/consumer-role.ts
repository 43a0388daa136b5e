import {
  BUNDLE_PREFIX,
  consumedPrefixes,
  REPLAY_PREFIX,
} from '@data-aggregator/shared-processing/bundle-key';
import { toGroupName } from '@data-aggregator/shared-processing/groups';
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
import { bucketArn, constructId, physicalName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';
import { UserError } from '../user-error.ts';

/** A role's name has at most 64 characters. */
const MAX_LABEL_LENGTH = 24;

/**
 * The role that the consumer assumes. It can list, get and delete bundles. A delete leaves a delete marker; the role cannot
 * delete a version.
 */
export function consumerRole(context: Context): Role {
  const { consumer } = context.environment;
  return roleFor(context, 'consumer', consumer, [BUNDLE_PREFIX, REPLAY_PREFIX]);
}

/**
 * A role for each consumer of one group, which can list, get and delete only the bundles of that group.
 *
 * @throws UserError if a label is not valid
 */
export function groupConsumerRoles(context: Context): Role[] {
  return Object.entries(context.environment.consumerGroups).map(([label, consumer]) => {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(label) || label.length > MAX_LABEL_LENGTH) {
      throw new UserError(
        `consumerGroups has the label "${label}": it must consist of at most ${MAX_LABEL_LENGTH} lower-case letters, digits and single hyphens.`,
      );
    }
    const prefixes = consumedPrefixes(toGroupName(consumer.group));
    return roleFor(context, `consumer-of-${label}`, consumer, prefixes, {
      StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) },
    });
  });
}

/** @param listing further conditions of a listing */
function roleFor(
  { scope, environment: { name } }: Context,
  roleName: string,
  consumer: ExternalParty,
  prefixes: readonly string[],
  listing: Readonly<Record<string, unknown>> = {},
): Role {
  const { sourceIps } = consumer;
  const address = sourceIps.length > 0 ? { IpAddress: { 'aws:SourceIp': [...sourceIps] } } : {};
  const statements = [
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucketArn(name, 'distribution')],
      conditions: { ...address, ...listing },
    }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:DeleteObject'],
      resources: prefixes.map((prefix) => bucketArn(name, 'distribution', `${prefix}*`)),
      conditions: address,
    }),
  ];
  const role = new Role(scope, `${constructId(roleName)}Role`, {
    roleName: physicalName(name, roleName),
    assumedBy: trusted(consumer),
    inlinePolicies: { consume: policyDocument(statements) },
  });
  acknowledgeWildcards(
    role,
    statements,
    'The names of bundles are not known in advance; their prefixes are.',
  );
  return tagResource(role, `${roleName}-role`);
}

function trusted({ principals }: ExternalParty): IPrincipal {
  const [first, ...others] = principals.map((arn) => new ArnPrincipal(arn));
  return first === undefined ? new AccountRootPrincipal() : new CompositePrincipal(first, ...others);
}
