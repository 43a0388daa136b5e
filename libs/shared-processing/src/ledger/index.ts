export type { Claim, ClaimOutcome } from './claims.ts';
export { createDynamoClient, createLedgerTable } from './dynamodb-table.ts';
export { bundleId, claimId, objectIdOf, packIds, unpackIds } from './ids.ts';
export { Ledger, type LedgerOptions } from './ledger.ts';
export type { Publications } from './publications.ts';
export { createPublications } from './s3-publications.ts';
export type { Condition, Item, LedgerTable, WriteResult } from './table.ts';
