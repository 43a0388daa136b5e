import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Context } from '../context.ts';
import { tableName } from '../names.ts';
import { tagResource } from '../tags.ts';
import { keepData } from '../keep-data.ts';

/** Claims and notes. Encrypted by a key that AWS owns, which is what a table has that names none. */
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
  keepData(table, environment);
  return tagResource(table, 'ledger');
}
