import { randomUUID } from 'node:crypto';
import { type Clock, type RetryRules, withRetries } from '../retry/index.ts';
import type { Condition, Item, LedgerTable, WriteResult } from './table.ts';
import type { EventLog } from '../observability/index.ts';

export interface LeaseDependencies extends RetryRules {
  table: LedgerTable;
  clock: Clock;
  log: EventLog;
}

export type LeaseResult<R> = { kind: 'done'; result: R } | { kind: 'busy'; until: number };

/** DynamoDB may remove a lease this long after it has expired, in ms. */
const REMOVE_AFTER_MS = 86_400_000;

/** Holders that may come and go while we ask, before we give up. */
const MAX_ROUNDS = 3;

/**
 * Does work that only one invocation may be at, at a time. The lease is an item in the ledger's table; one whose
 * holder died expires by itself.
 *
 * @param name what is held, such as `replay#2026-11-22-a`
 * @param until when the holder is dead for certain and what it sent has landed, ms since the epoch: its deadline and
 * some grace
 * @throws what the work throws, and CallError where the table does not answer
 */
export async function withLease<R>(
  name: string,
  until: number,
  work: () => Promise<R>,
  dependencies: LeaseDependencies,
): Promise<LeaseResult<R>> {
  const id = `lease#${name}`;
  const owner = randomUUID();
  const item: Item = { id, owner, until, expires: Math.ceil((until + REMOVE_AFTER_MS) / 1000) };
  const holder = await acquire(item, dependencies);
  if (holder.owner !== owner) return { kind: 'busy', until: holder.until };
  try {
    return { kind: 'done', result: await work() };
  } finally {
    await release(id, owner, dependencies);
  }
}

interface Holder {
  owner: string;
  until: number;
}

/** Puts the lease where there is none, or in place of a expired one. @returns who holds it now */
async function acquire(item: Item, dependencies: LeaseDependencies): Promise<Holder> {
  const { table, clock } = dependencies;
  const ours = holderOf(item);
  let condition: Condition = { kind: 'absent' };
  let holder: Holder | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const asked: Condition = condition;
    const write: WriteResult = await withRetries(() => table.put(item, asked), dependencies);
    if (write.kind === 'written') return ours;
    holder = write.existing && holderOf(write.existing);
    // It is ours where the answer to an earlier attempt was lost.
    if (holder && holder.until > clock.now()) return holder;
    condition = holder ? { kind: 'equals', attributes: { ...holder } } : { kind: 'absent' };
  }
  return holder ?? { owner: 'somebody', until: ours.until };
}

async function release(id: string, owner: string, dependencies: LeaseDependencies): Promise<void> {
  const own = { kind: 'equals', attributes: { owner } } as const;
  try {
    await withRetries(() => dependencies.table.delete(id, own), dependencies);
  } catch (error) {
    // It expires by itself; the work's own outcome is what counts.
    dependencies.log.warn('lease.unreleased', { lease: id, error });
  }
}

function holderOf(item: Item): Holder {
  return { owner: String(item['owner']), until: Number(item['until']) };
}
