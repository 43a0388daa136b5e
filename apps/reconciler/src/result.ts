import type { VersionMarker } from '@data-aggregator/shared-processing/s3';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { Range } from './range.ts';
import type { ManualRequest } from './request.ts';
import type { SweepResult } from './sweep.ts';
import { zeroCounts, type ReconcileCounts } from './counts.ts';

/** The request that continues an incomplete run. */
export interface Continuation {
  from: string;
  to: string;
  dryRun: boolean;
  neverDelivered: boolean;
  after: VersionMarker;
}

/** The result of an invocation. */
export interface ReconcileResult {
  /** The landing times that were examined, ISO 8601. */
  from: string;
  to: string;
  counts: ReconcileCounts;
  /** The first few lost objects. */
  lost: { key: string; versionId: string; landedAt: string }[];
  /** Whether the whole range was examined. */
  done: boolean;
  /** Why nothing was examined: no part of the range may be. All counts are 0 then. */
  refused?: { reason: 'too-recent' | 'too-old'; detail: string };
  /** The next request, if a manual run is not done. Scheduled runs continue automatically. */
  continuation?: Continuation;
}

/** Logs the result of a run, and counts what alarms watch, only if there is some: a metric costs money while it has values. */
export function report(
  { counts, next }: SweepResult,
  { log, metrics }: { log: EventLog; metrics: Metrics },
): void {
  log.info('reconcile.done', { ...counts, complete: next === undefined });
  if (counts.lost > 0) metrics.count('Lost', counts.lost);
  if (counts.undecided > 0) metrics.count('Undecided', counts.undecided);
}

export function resultOf(
  result: SweepResult,
  range: Range,
  request: ManualRequest | undefined,
): ReconcileResult {
  const { counts, sample, next } = result;
  const from = isoTime(range.from);
  const to = isoTime(range.to);
  return {
    from,
    to,
    counts,
    lost: sample.map((object) => ({
      key: object.key,
      versionId: versionTextOf(object),
      landedAt: isoTime(object.landedAt),
    })),
    done: next === undefined,
    ...(next &&
      request && {
        continuation: {
          from,
          to,
          dryRun: request.dryRun,
          neverDelivered: request.neverDelivered,
          after: next,
        },
      }),
  };
}

/** The result for a range of which nothing may be examined. @param range the rest of it, which is empty */
export function refusedResult(asked: Range, range: Range): ReconcileResult {
  const [from, to] = [isoTime(range.from), isoTime(range.to)];
  const refused: ReconcileResult['refused'] =
    asked.from >= asked.to
      ? {
          reason: 'too-recent',
          detail: `The range is too recent: what landed from ${to} on may still be on its way and cannot count as lost.`,
        }
      : {
          reason: 'too-old',
          detail: `The range is too old: the ledger no longer knows whether objects that landed before ${from} were delivered.`,
        };
  return { from, to, counts: zeroCounts(), lost: [], done: true, refused };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
