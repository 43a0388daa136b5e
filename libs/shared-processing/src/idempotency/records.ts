import { IdempotencyRecordStatus } from '@aws-lambda-powertools/idempotency';
import {
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
} from '@aws-lambda-powertools/idempotency';
import { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import { type Clock, withRetries } from '../retry/index.ts';
import type { Item, LedgerTable } from '../ledger/index.ts';

/** A Powertools record as an item of the ledger's table, with the owner that has it in progress. */
interface RecordItem extends Item {
  status: 'INPROGRESS' | 'COMPLETED';
  owner: string;
  /** When a record in progress counts as abandoned, ms since the epoch. */
  until?: number;
  /** The result, as JSON. */
  data?: string;
  /** Hash of the validated part of the payload. */
  payload?: string;
}

export interface RecordDependencies {
  table: LedgerTable;
  clock: Clock;
  random: () => number;
}

/** How often another writer may win before the record counts as theirs. */
const MAX_ROUNDS = 3;

/** @throws IdempotencyItemNotFoundError */
export async function getRecord(id: string, dependencies: RecordDependencies): Promise<IdempotencyRecord> {
  const item = await withRetries(() => dependencies.table.get(id), dependencies);
  if (!item) throw new IdempotencyItemNotFoundError();
  return toRecord(item as RecordItem);
}

/**
 * Puts a record in progress if there is none, or if the existing one has expired or was abandoned. An existing record is
 * replaced on condition that it is unchanged.
 *
 * @throws IdempotencyItemAlreadyExistsError with the existing record
 */
export async function putRecord(
  record: IdempotencyRecord,
  owner: string,
  dependencies: RecordDependencies,
): Promise<void> {
  const { table, clock } = dependencies;
  const item: RecordItem = {
    id: record.idempotencyKey,
    status: 'INPROGRESS',
    owner,
    expires: record.expiryTimestamp ?? 0,
    ...(record.inProgressExpiryTimestamp !== undefined && { until: record.inProgressExpiryTimestamp }),
    ...(record.payloadHash && { payload: record.payloadHash }),
  };
  let write = await withRetries(() => table.put(item, { kind: 'absent' }), dependencies);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (write.kind === 'written') return;
    const other = write.existing as RecordItem | undefined;
    if (other?.owner === owner) return;
    if (other && !isFree(other, clock.now())) throw alreadyExists(other);
    const condition = other
      ? ({ kind: 'equals', attributes: { owner: other.owner, status: other.status } } as const)
      : ({ kind: 'absent' } as const);
    write = await withRetries(() => table.put(item, condition), dependencies);
  }
  if (write.kind === 'refused') throw alreadyExists(write.existing as RecordItem | undefined);
}

/**
 * Completes a record if it still belongs to its owner.
 *
 * @throws Error if it was taken over in the meantime
 */
export async function completeRecord(
  record: IdempotencyRecord,
  owner: string,
  dependencies: RecordDependencies,
): Promise<void> {
  const item: RecordItem = {
    id: record.idempotencyKey,
    status: 'COMPLETED',
    owner,
    expires: record.expiryTimestamp ?? 0,
    ...(record.responseData !== undefined && { data: JSON.stringify(record.responseData) }),
    ...(record.payloadHash && { payload: record.payloadHash }),
  };
  const write = await withRetries(
    () => dependencies.table.put(item, { kind: 'equals', attributes: { owner } }),
    dependencies,
  );
  if (write.kind === 'refused') {
    throw new Error(`${record.idempotencyKey} was taken over before its work was done`);
  }
}

/** Removes a record if it still belongs to its owner, so that the work can be retried. */
export async function removeRecord(
  record: IdempotencyRecord,
  owner: string,
  dependencies: RecordDependencies,
): Promise<void> {
  await withRetries(
    () => dependencies.table.delete(record.idempotencyKey, { kind: 'equals', attributes: { owner } }),
    dependencies,
  );
}

/** DynamoDB removes expired items days late, so this compares the time. */
function isFree(item: RecordItem, now: number): boolean {
  if (item.expires * 1000 <= now) return true;
  return item.status === 'INPROGRESS' && item.until !== undefined && item.until <= now;
}

function alreadyExists(item: RecordItem | undefined): Error {
  return new IdempotencyItemAlreadyExistsError('the work is done or in progress', item && toRecord(item));
}

function toRecord(item: RecordItem): IdempotencyRecord {
  return new IdempotencyRecord({
    idempotencyKey: item.id,
    status: IdempotencyRecordStatus[item.status],
    expiryTimestamp: item.expires,
    ...(item.until !== undefined && { inProgressExpiryTimestamp: item.until }),
    ...(item.data !== undefined && { responseData: JSON.parse(item.data) as never }),
    ...(item.payload !== undefined && { payloadHash: item.payload }),
  });
}
