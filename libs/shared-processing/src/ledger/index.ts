export { isReleased } from './claims.ts';
export type { Claim, ClaimOutcome, Release } from './claims.ts';
export { createLedgerTable } from './dynamodb-table.ts';
export { bundleId, claimId, objectIdOf, packIds, quarantineId, unpackIds } from './ids.ts';
export { type LeaseDependencies, type LeaseResult, withLease } from './lease.ts';
export { Ledger, type LedgerOptions } from './ledger.ts';
export type { Publications, Uploads } from './publications.ts';
export {
  markQuarantined,
  type QuarantineMark,
  quarantineMarkOf,
  unmarkQuarantined,
} from './quarantine-marks.ts';
export { createPublications, createUploads } from './s3-publications.ts';
export {
  ledgerHorizon,
  type ObjectStatus,
  objectStatuses,
  type ObjectStatusDependencies,
} from './object-status.ts';
export type { Condition, Item, LedgerTable, WriteResult } from './table.ts';
