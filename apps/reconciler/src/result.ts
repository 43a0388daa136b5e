import type { VersionMarker } from '@data-aggregator/shared-processing/s3';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { Range } from './range.ts';
import type { ManualRequest } from './request.ts';
import type { SweepResult } from './sweep.ts';
import { zeroCounts, type ReconcileCounts } from './counts.ts';

/** A request as it is sent to go on with one that broke off. */
export interface Continuation {
  from: string;
  to: string;
  dryRun: boolean;
  neverDelivered: boolean;
  after: VersionMarker;
}

/** What an invocation answers. */
export interface ReconcileResult {
  /** The landing times that were looked at, ISO 8601. */
  from: string;
  to: string;
  counts: ReconcileCounts;
  /** The first few of the lost. */
  lost: { key: string; versionId: string; landedAt: string }[];
  /** Whether all of it was looked at. */
  done: boolean;
  /** Why nothing was looked at: no time of the range may be. Nothing is counted then. */
  refused?: { reason: 'too-recent' | 'too-old'; detail: string };
  /** The request to send next, where a run by hand is not done; a scheduled run goes on by itself. */
  continuation?: Continuation;
}

const COUNT_METRICS: readonly (readonly [keyof ReconcileCounts, string])[] = [
  ['examined', 'Examined'],
  ['lost', 'Lost'],
  ['requeued', 'Requeued'],
  ['unsent', 'Unsent'],
  ['busy', 'Busy'],
  ['undecided', 'Undecided'],
  ['unversioned', 'Unversioned'],
];

/** Logs and counts what a run found. */
export function report(
  { tally, next }: SweepResult,
  { log, metrics }: { log: EventLog; metrics: Metrics },
): void {
  log.info('reconcile.done', { ...tally, complete: next === undefined });
  for (const [name, metric] of COUNT_METRICS) metrics.count(metric, tally[name]);
}

export function resultOf(
  result: SweepResult,
  range: Range,
  request: ManualRequest | undefined,
): ReconcileResult {
  const { tally, sample, next } = result;
  const from = isoTime(range.from);
  const to = isoTime(range.to);
  return {
    from,
    to,
    counts: tally,
    lost: sample.map(({ key, version, landedAt }) => ({
      key,
      versionId: version.kind === 'id' ? version.versionId : '',
      landedAt: isoTime(landedAt),
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

/** The answer to a request for a range of which nothing may be looked at. @param range what is left of it: nothing */
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
