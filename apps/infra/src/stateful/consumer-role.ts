import { BUNDLE_PREFIX, consumedPrefixes } from '@data-aggregator/shared-processing/bundle-key';
import { toGroupName } from '@data-aggregator/shared-processing/groups';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { RECEIPT_PREFIX } from '@data-aggregator/shared-processing/receipt';
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
import { arn, bucketArn, constructId, physicalName, queueName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import {
  ALL_BUNDLES,
  type ReadyQueue,
  readyQueueOf,
  readyQueueOfGroup,
} from '../conventions/ready-queues.ts';
import { tagResource } from '../conventions/tags.ts';
import { UserError } from '../user-error.ts';

/** A role's name has at most 64 characters. */
const MAX_LABEL_LENGTH = 24;

const READ_QUEUE = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
];

/** What a consumer may take. */
interface Share {
  /** Prefixes of its bundles in the distribution bucket. */
  prefixes: readonly string[];
  ready: ReadyQueue | undefined;
  /** Further conditions of a listing. */
  listing?: Record<string, Record<string, unknown>>;
}

/**
 * The role that the consumer assumes. It can list, get and delete bundles, read the ready queue, read manifests, and store
 * receipts. A delete leaves a delete marker; the role cannot delete a version.
 */
export function consumerRole(context: Context): Role {
  const { environment } = context;
  const share = { prefixes: ALL_BUNDLES, ready: readyQueueOf(environment) };
  return roleFor(context, 'consumer', environment.consumer, share);
}

/**
 * A role for each consumer of one group, which can do the same with that group's bundles only.
 *
 * @throws UserError if a label is not valid
 */
export function groupConsumerRoles(context: Context): Role[] {
  const { environment } = context;
  return Object.entries(environment.consumerGroups).map(([label, consumer]) => {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(label) || label.length > MAX_LABEL_LENGTH) {
      throw new UserError(
        `consumerGroups has the label "${label}": it must consist of at most ${MAX_LABEL_LENGTH} lower-case letters, digits and single hyphens.`,
      );
    }
    const prefixes = consumedPrefixes(toGroupName(consumer.group));
    return roleFor(context, `consumer-of-${label}`, consumer, {
      prefixes,
      ready: readyQueueOfGroup(environment, label),
      listing: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
    });
  });
}

function roleFor(
  { scope, environment: { name } }: Context,
  roleName: string,
  consumer: ExternalParty,
  { prefixes, ready, listing = {} }: Share,
): Role {
  const { sourceIps } = consumer;
  const fromItsAddresses = sourceIps.length > 0 ? { IpAddress: { 'aws:SourceIp': [...sourceIps] } } : {};
  const allow = (
    actions: string[],
    resources: string[],
    conditions: Record<string, Record<string, unknown>> = {},
  ) => new PolicyStatement({ actions, resources, conditions: { ...fromItsAddresses, ...conditions } });
  // Replays have no manifests of their own.
  const manifests = prefixes.filter((prefix) => prefix.startsWith(BUNDLE_PREFIX));
  const receipts = prefixes.map((prefix) => bucketArn(name, 'archive', `${RECEIPT_PREFIX}${prefix}*`));
  const statements = [
    allow(['s3:ListBucket'], [bucketArn(name, 'distribution')], listing),
    allow(
      ['s3:GetObject', 's3:DeleteObject'],
      prefixes.map((prefix) => bucketArn(name, 'distribution', `${prefix}*`)),
    ),
    allow(
      ['s3:GetObject'],
      [...manifests.map((prefix) => bucketArn(name, 'archive', `${MANIFEST_PREFIX}${prefix}*`)), ...receipts],
    ),
    // One PUT that cannot replace a receipt. Parts of an upload do not have the header, so they are not allowed.
    allow(['s3:PutObject'], receipts, { Null: { 's3:if-none-match': 'false' } }),
    ...(ready === undefined ? [] : [allow(READ_QUEUE, [arn('sqs', queueName(name, ready.name))])]),
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
