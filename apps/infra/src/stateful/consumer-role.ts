import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
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
import { arn, bucketArn, physicalName, queueName, READY } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/**
 * The role that the consumer assumes. It can list, get and delete bundles, read the ready queue, read manifests, and store
 * receipts. A delete leaves a delete marker; the role cannot delete a version.
 */
export function consumerRole({ scope, environment: { name, consumer, readyQueue } }: Context): Role {
  const fromItsAddresses =
    consumer.sourceIps.length > 0 ? { IpAddress: { 'aws:SourceIp': [...consumer.sourceIps] } } : {};
  const allow = (
    actions: string[],
    resources: string[],
    conditions: Record<string, Record<string, unknown>> = {},
  ) => new PolicyStatement({ actions, resources, conditions: { ...conditions, ...fromItsAddresses } });
  const statements = [
    allow(['s3:ListBucket'], [bucketArn(name, 'distribution')]),
    allow(
      ['s3:GetObject', 's3:DeleteObject'],
      [BUNDLE_PREFIX, REPLAY_PREFIX].map((prefix) => bucketArn(name, 'distribution', `${prefix}*`)),
    ),
    allow(
      ['s3:GetObject'],
      [MANIFEST_PREFIX, RECEIPT_PREFIX].map((prefix) => bucketArn(name, 'archive', `${prefix}*`)),
    ),
    // One PUT that cannot replace a receipt. Parts of an upload do not have the header, so they are not allowed.
    allow(['s3:PutObject'], [bucketArn(name, 'archive', `${RECEIPT_PREFIX}*`)], {
      Null: { 's3:if-none-match': 'false' },
    }),
    ...(readyQueue
      ? [
          allow(
            [
              'sqs:ReceiveMessage',
              'sqs:DeleteMessage',
              'sqs:ChangeMessageVisibility',
              'sqs:GetQueueAttributes',
            ],
            [arn('sqs', queueName(name, READY))],
          ),
        ]
      : []),
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
