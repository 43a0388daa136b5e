import {
  type ArchiveDependencies,
  readReceipt,
  receiptsBetween,
  type TimeRange,
} from '@data-aggregator/shared-processing/archive';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { ReceiptError } from '@data-aggregator/shared-processing/receipt';
import { type Clock, mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { Backlog } from '@data-aggregator/shared-processing/backlog';

/** How long the files of delivered bundles took to the consumer's disk. */
export interface DiskTimes {
  /** Receipts that were stored in the range of time. */
  bundles: number;
  /** For each receipt that was read: seconds from the landing of the bundle's first file until its files were on disk. */
  seconds: number[];
  /** Receipts that are not valid. */
  unreadable: number;
  /** Whether every receipt was listed and read. */
  complete: boolean;
}

export interface DiskTimesDependencies extends ArchiveDependencies {
  store: Pick<ObjectStore, 'get'>;
  clock: Clock;
  log: EventLog;
}

/** The receipts to measure. */
export interface ReceiptRange extends TimeRange {
  /** The start of the oldest bundle that can have a new receipt, ms since the epoch. */
  startedFrom: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Time between two runs, as in function.json. */
const PERIOD_MS = 5 * MINUTE_MS;
/** A receipt is dated before it appears in a listing, in whole seconds, and by S3's clock. */
const SETTLE_MS = 5_000;
/** A bundle is published at most 15 minutes after its start, and its receipt may follow its deletion a little later. */
const MARGIN_MS = 60 * MINUTE_MS;
/** Bundles that were started earlier are not measured; by then the backlog has raised an alarm. */
const MAX_LOOK_BACK_MS = 3 * DAY_MS;

/** Receipts read in one run. If there are more, evenly spread ones are read. */
export const MAX_READ = 500;
const READS_AT_A_TIME = 16;

/** What the next run needs to know of a run. */
export interface PreviousRun {
  /** The end of its range. */
  to: number;
  /** Since when the oldest waiting bundle had waited, ms since the epoch; undefined if not every bundle was counted. */
  waitingSince: number | undefined;
}

/**
 * The receipts that are new since the previous run. Each bundle that got one either waited during that run, or was started later, so
 * that usually one page of the listing is enough:
 *
 *     startedFrom      waitingSince        previous.to            to     now
 *     ├─── margin ──────────┤                   ├─── receipts ────┤─settle─┤
 *
 * @param previous undefined in a new process: then the last period is measured, as far back as bundles are measured at all
 */
export function receiptRange(now: number, previous: PreviousRun | undefined): ReceiptRange {
  const to = now - SETTLE_MS;
  const earliest = now - MAX_LOOK_BACK_MS;
  const oldest = previous?.waitingSince ?? earliest;
  return {
    from: previous?.to ?? to - PERIOD_MS,
    to,
    startedFrom: Math.max(earliest, Math.min(oldest, previous?.to ?? oldest) - MARGIN_MS),
  };
}

/** What to tell the next run. */
export function runOf(
  { to }: ReceiptRange,
  now: number,
  { oldestAgeSeconds, complete }: Backlog,
): PreviousRun {
  return { to, waitingSince: complete ? now - oldestAgeSeconds * 1000 : undefined };
}

/**
 * Measures the bundles whose receipts are new.
 *
 * @param until when to stop, ms since the epoch
 * @throws CallError
 */
export async function measureDiskTimes(
  range: ReceiptRange,
  until: number,
  dependencies: DiskTimesDependencies,
): Promise<DiskTimes> {
  const { archive, clock, log } = dependencies;
  const bundles: string[] = [];
  let complete = true;
  for await (const page of receiptsBetween(range, range.startedFrom, dependencies)) {
    bundles.push(...page);
    if (clock.now() < until) continue;
    complete = false;
    break;
  }
  const chosen = evenlySpread(bundles, MAX_READ);
  const seconds: number[] = [];
  let unreadable = 0;
  await mapConcurrently(chosen, READS_AT_A_TIME, async (bundle) => {
    if (clock.now() >= until) return;
    try {
      const stored = await readReceipt(bundle, archive, dependencies);
      if (stored !== undefined) seconds.push((stored.onDiskAt - stored.receipt.firstLandedAt) / 1000);
    } catch (error) {
      if (!(error instanceof ReceiptError)) throw error;
      unreadable++;
      log.warn('receipt.unreadable', { bundle, error });
    }
  });
  complete &&= seconds.length + unreadable === bundles.length;
  return { bundles: bundles.length, seconds, unreadable, complete };
}

/** Logs the times. For an alarm, a metric filter reads the 95th percentile from the log. */
export function reportDiskTimes({ bundles, seconds, unreadable, complete }: DiskTimes, log: EventLog): void {
  const sorted = seconds.map((each) => Math.max(0, each)).sort((a, b) => a - b);
  const times = sorted.length > 0 && {
    medianSeconds: percentile(sorted, 50),
    p95Seconds: percentile(sorted, 95),
    slowestSeconds: percentile(sorted, 100),
  };
  const fields = { bundles, measured: seconds.length, unreadable, ...times };
  if (complete) log.info('receipts.measured', fields);
  else log.warn('receipts.partly-measured', fields);
}

/** The smallest value that is not less than `percent` of the values. @param sorted ascending, not empty */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] as number;
}

function evenlySpread<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  return Array.from({ length: limit }, (_, n) => items[Math.floor((n * items.length) / limit)] as T);
}
