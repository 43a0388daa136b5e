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

/** How long after its expiry DynamoDB may remove a lease, in ms. */
const REMOVE_AFTER_MS = 86_400_000;

/** How often another holder may win before we report the lease as busy. */
const MAX_ROUNDS = 3;

/**
 * Does work that only one invocation may do at a time. The lease is an item in the ledger's table. If its holder dies, it
 * expires.
 *
 * @param name of the lease, such as `replay#2026-11-22-a`
 * @param until when the holder is certainly dead and its last requests have taken effect: its deadline plus grace, ms since
 *   the epoch
 * @throws CallError if the table cannot be reached, and whatever the work throws
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

/** Puts the lease if there is none, or replaces an expired one. @returns its holder afterwards */
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
    // This may be us, if the response to an earlier attempt was lost.
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
    // Not an error of the work: the lease expires anyway.
    dependencies.log.warn('lease.unreleased', { lease: id, error });
  }
}

function holderOf(item: Item): Holder {
  return { owner: String(item['owner']), until: Number(item['until']) };
}
