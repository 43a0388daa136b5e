import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Context } from '../app/component.ts';
import { tableName } from '../conventions/names.ts';
import { tagResource } from '../conventions/tags.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';

/** The table with claims and bundle records. It is encrypted with an AWS owned key, the default. */
export function ledger({ scope, environment }: Context): CfnTable {
  const table = new CfnTable(scope, 'Ledger', {
    tableName: tableName(environment.name),
    billingMode: 'PAY_PER_REQUEST',
    attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
    keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
    timeToLiveSpecification: { attributeName: 'expires', enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtectionEnabled: environment.protected,
  });
  applyRemovalPolicy(table, environment);
  return tagResource(table, 'ledger');
}
