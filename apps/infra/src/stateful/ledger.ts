import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Context } from '../app/component.ts';
import { tableName } from '../conventions/names.ts';
import { tagResource } from '../conventions/tags.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';

/** Reads per second of a new table, which warm throughput must not lower. Reads are rare: a claim is a write. */
const WARM_READS = 12_000;

/** The table with claims and bundle records. It is encrypted with an AWS owned key, the default. */
export function ledger({ scope, environment }: Context): CfnTable {
  const { warmWritesPerSecond } = environment.ledger;
  const table = new CfnTable(scope, 'Ledger', {
    tableName: tableName(environment.name),
    billingMode: 'PAY_PER_REQUEST',
    attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
    keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
    ...(warmWritesPerSecond !== undefined && {
      warmThroughput: { readUnitsPerSecond: WARM_READS, writeUnitsPerSecond: warmWritesPerSecond },
    }),
    timeToLiveSpecification: { attributeName: 'expires', enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtectionEnabled: environment.protected,
  });
  applyRemovalPolicy(table, environment);
  return tagResource(table, 'ledger');
}
