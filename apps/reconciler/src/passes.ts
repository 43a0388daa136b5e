import { ledgerHorizon } from '@data-aggregator/shared-processing/ledger';
import { earliest } from '@data-aggregator/shared-processing/requeue';
import type { Cursor, Pass } from './cursor.ts';
import { clampToHorizon, rangeSince } from './range.ts';

/**
 * Scheduled runs examine each object once, when it is old enough, and later examine the unsettled ones again:
 *
 *     pass 1   ├── since the ledger's horizon ──┤
 *     pass 2                                     ├──────┤
 *     pass 3                                            ├──────┤     … and so on,
 *     pass n               ├─ since the oldest unsettled ─────────┤  when the recheck is due
 *
 * So a queue that is hours behind is not flooded: its objects are requeued once per recheck, not in every run. A pass may
 * take several runs.
 */
export interface PassRules {
  /** Age from which an object that is in no bundle counts as lost, in ms. */
  sloMs: number;
  recheckMs: number;
  claimRetentionMs: number;
}

/** The pass to work on now: the one in progress, or the next. */
export function currentPass(cursor: Cursor | undefined, now: number, rules: PassRules): Pass {
  if (cursor?.pass) return cursor.pass;
  const oldest = ledgerHorizon(now, rules.claimRetentionMs);
  const to = now - rules.sloMs;
  const { lookedUntil, recheck }: Cursor = cursor ?? { lookedUntil: oldest };
  const isRecheck = recheck !== undefined && now >= recheck.at;
  const since = isRecheck ? Math.min(recheck.since, lookedUntil) : lookedUntil;
  return { range: clampToHorizon(oldest, rangeSince(since, to)), isRecheck };
}

/** The cursor during a pass. */
export function cursorDuring(cursor: Cursor | undefined, pass: Pass): Cursor {
  return { ...(cursor ?? { lookedUntil: pass.range.from }), pass };
}

/** The cursor after a pass. */
export function cursorAfter(
  cursor: Cursor | undefined,
  pass: Pass,
  now: number,
  { recheckMs }: PassRules,
): Cursor {
  // A recheck has examined everything unsettled; any other pass only adds to it.
  const before = pass.isRecheck ? undefined : cursor?.recheck;
  const since = earliest([before?.since, pass.unsettledSince]);
  return {
    lookedUntil: Math.max(pass.range.to, cursor?.lookedUntil ?? 0),
    ...(since !== undefined && { recheck: { since, at: before?.at ?? now + recheckMs } }),
  };
}
