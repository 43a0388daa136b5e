import type { Clock } from '@data-aggregator/shared-processing/retry';
import { type LeaseDependencies, ledgerHorizon, withLease } from '@data-aggregator/shared-processing/ledger';
import type { Metrics } from '@data-aggregator/shared-processing/observability';
import { earliest } from '@data-aggregator/shared-processing/requeue';
import { type Cursor, loadCursor, type Pass, saveCursor } from './cursor.ts';
import { cursorAfter, cursorDuring, type PassRules, currentPass } from './passes.ts';
import { type Range, clampToHorizon } from './range.ts';
import { type ReconcileResult, resultOf, refusedResult, report } from './result.ts';
import type { ManualRequest } from './request.ts';
import { type Progress, sweep, type SweepDependencies } from './sweep.ts';

export interface ReconcileDependencies extends SweepDependencies, LeaseDependencies {
  clock: Clock;
  metrics: Metrics;
  rules: PassRules;
}

/** When an invocation stops starting pages, and when Lambda kills it; ms since the epoch. */
export interface Deadlines {
  until: number;
  deadline: number;
}

/** Time for the last requests of a killed invocation to take effect, in ms. */
const GRACE_MS = 60_000;
/** Pages between two saves of the cursor, so that an invocation that dies loses little progress. */
const PAGES_BETWEEN_SAVES = 20;

/** A scheduled run: continues the pass in progress, or starts the next. @throws CallError, SystemFault */
export async function reconcileOnSchedule(
  { until, deadline }: Deadlines,
  dependencies: ReconcileDependencies,
): Promise<ReconcileResult | { skipped: string }> {
  const { log } = dependencies;
  const work = () => runPass(until, dependencies);
  const leased = await withLease('reconciler', deadline + GRACE_MS, work, dependencies);
  if (leased.kind === 'done') return leased.result;
  log.warn('reconcile.skipped', { until: new Date(leased.until).toISOString() });
  return { skipped: 'another run is in progress' };
}

async function runPass(until: number, dependencies: ReconcileDependencies): Promise<ReconcileResult> {
  const { clock, rules } = dependencies;
  const cursor = await loadCursor(dependencies);
  const pass = currentPass(cursor, clock.now(), rules);
  const { range, after } = pass;
  let pages = 0;
  const result = await sweep(
    {
      range,
      after,
      until,
      dryRun: false,
      onPage: async (progress) => {
        if (progress.next === undefined || ++pages % PAGES_BETWEEN_SAVES > 0) return;
        await saveCursor(cursorDuring(cursor, advance(pass, progress)), dependencies);
      },
    },
    dependencies,
  );
  const made = advance(pass, result);
  const moved: Cursor = result.next
    ? cursorDuring(cursor, made)
    : cursorAfter(cursor, made, clock.now(), rules);
  await saveCursor(moved, dependencies);
  report(result, dependencies);
  return resultOf(result, range, undefined);
}

/** A manual run over its own range. It neither reads nor changes the cursor of scheduled runs. @throws CallError, SystemFault */
export async function reconcileByHand(
  request: ManualRequest,
  { until }: Pick<Deadlines, 'until'>,
  dependencies: ReconcileDependencies,
): Promise<ReconcileResult> {
  const { clock, rules } = dependencies;
  const { after, dryRun, neverDelivered } = request;
  const oldest = ledgerHorizon(clock.now(), rules.claimRetentionMs);
  const from = request.from ?? (neverDelivered ? 0 : oldest);
  // Younger objects may still be in progress.
  const to = Math.min(request.to ?? Infinity, clock.now() - rules.sloMs);
  const asked: Range = { from, to, uploadsFrom: from };
  const range = neverDelivered ? asked : clampToHorizon(oldest, asked);
  if (after === undefined && range.from >= range.to) return refusedResult(asked, range);
  const result = await sweep({ range, after, dryRun, until }, dependencies);
  report(result, dependencies);
  return resultOf(result, range, request);
}

function advance({ range, isRecheck, unsettledSince }: Pass, progress: Progress): Pass {
  return {
    range,
    isRecheck,
    after: progress.next,
    unsettledSince: earliest([unsettledSince, progress.unsettledSince]),
  };
}
