import { type Config, int, text } from '../config/index.ts';
import { createDynamoClient, createLedgerTable, type LedgerTable } from '../ledger/index.ts';

/** The environment variables of a function whose work is done once. */
export const onceVariables = {
  LEDGER_TABLE: text('the name of a table'),
  CLAIM_RETENTION_DAYS: int({ min: 1, max: 3650 }),
};

export type OnceConfig = Config<typeof onceVariables>;

/** The ledger's table, for a function that does one piece of work after the other. */
export function onceTable({ LEDGER_TABLE }: OnceConfig): LedgerTable {
  return createLedgerTable(createDynamoClient({ maxSockets: 4 }), LEDGER_TABLE);
}
