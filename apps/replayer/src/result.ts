import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import { comeBackAt, type BundleOutcome, type BundleOutcomeKind } from './bundle-outcome.ts';
import type { ReplayEvent, ReplayRequest } from './request.ts';

/** The result of an invocation. */
export interface ReplayResult {
  requestId: string;
  /** Whether the request was executed, or only planned. */
  executed: boolean;
  counts: Record<BundleOutcomeKind, number>;
  /** Bytes that were copied, or would be. */
  bytes: number;
  bundles: ({ bundle: string } & BundleOutcome)[];
  /** When to send the request again to copy the bundles that are being restored; ISO 8601. */
  comeBackAt?: string;
  /** Whether all bundles were processed. */
  done: boolean;
  /** The next request, if they were not. */
  continuation?: ReplayEvent;
}

export function resultOf(
  request: ReplayRequest,
  outcomes: ReadonlyMap<string, BundleOutcome>,
  after: string | undefined,
  now: number,
): ReplayResult {
  const all = [...outcomes.values()];
  const back = comeBackAt(all, request.tier, now);
  return {
    requestId: request.requestId,
    executed: request.execute,
    counts: countsOf(all),
    bytes: all.reduce((sum, outcome) => sum + ('size' in outcome ? outcome.size : 0), 0),
    bundles: [...outcomes].map(([bundle, outcome]) => ({ bundle, ...outcome })),
    ...(back !== undefined && { comeBackAt: new Date(back).toISOString() }),
    done: after === undefined,
    ...(after !== undefined && { continuation: { ...eventOf(request), after } }),
  };
}

/** Logs and counts the work of an invocation. */
export function report(
  { requestId, executed, counts, bytes, done }: ReplayResult,
  { log, metrics }: { log: EventLog; metrics: Metrics },
): void {
  log.info('replay.done', { request: requestId, executed, ...counts, bytes, complete: done });
  metrics.count('Replayed', counts.copied);
  metrics.count('ReplayedBytes', executed ? bytes : 0);
  metrics.count('ReplaysFailed', counts.failed + counts.missing);
}

function countsOf(outcomes: readonly BundleOutcome[]): ReplayResult['counts'] {
  const counts: ReplayResult['counts'] = {
    copied: 0,
    'to-copy': 0,
    'already-there': 0,
    'still-waiting': 0,
    'to-restore': 0,
    restoring: 0,
    'never-published': 0,
    missing: 0,
    failed: 0,
  };
  for (const { kind } of outcomes) counts[kind]++;
  return counts;
}

/** The event of a request. */
function eventOf({ requestId, selection, execute, tier }: ReplayRequest): ReplayEvent {
  const range = 'range' in selection ? selection.range : undefined;
  return {
    requestId,
    execute,
    tier,
    ...(range && { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }),
    ...(range?.group !== undefined && { group: range.group }),
    ...(selection.kind === 'bundles' && { bundles: [...selection.bundles] }),
    ...(selection.kind === 'original' && { originalKey: selection.key }),
  };
}
