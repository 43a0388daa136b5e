import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { acknowledge } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { tableName } from '../conventions/names.ts';
import { tagResource } from '../conventions/tags.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';

/** Reads per second of a new table, which warm throughput must not lower. Reads are rare: a claim is a write. */
const WARM_READS = 12_000;

/** The table with claims and bundle records. It is encrypted with an AWS owned key, the default. */
export function ledger({ scope, environment }: Context): CfnTable {
  const { pointInTimeRecovery, warmWritesPerSecond } = environment.ledger;
  const table = new CfnTable(scope, 'Ledger', {
    tableName: tableName(environment.name),
    billingMode: 'PAY_PER_REQUEST',
    attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
    keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
    ...(warmWritesPerSecond !== undefined && {
      warmThroughput: { readUnitsPerSecond: WARM_READS, writeUnitsPerSecond: warmWritesPerSecond },
    }),
    timeToLiveSpecification: { attributeName: 'expires', enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
    deletionProtectionEnabled: environment.protected,
  });
  if (!pointInTimeRecovery) {
    acknowledge(
      table,
      'AwsSolutions-DDB3',
      'A restored ledger lacks the latest claims, so it must not be used: docs/decisions/0025-cost-before-convenience.md.',
    );
  }
  applyRemovalPolicy(table, environment);
  return tagResource(table, 'ledger');
}
