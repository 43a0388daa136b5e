import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { Announcement } from './announcements.ts';
import type { BatchReport, PublishedBundle } from './batch.ts';
import type { Fate } from './fate.ts';

/** Seconds from landing to published: 95 % of files within the first, 99.9 % within the second. */
const SLO_SECONDS = [120, 180] as const;

export interface ReportDependencies {
  log: EventLog;
  metrics: Metrics;
}

/** Logs and counts what came of an invocation: one line and one set of metrics, however many files. */
export function report(
  announcements: readonly Announcement[],
  { fates, published }: BatchReport,
  ms: number,
  { log, metrics }: ReportDependencies,
): void {
  const count = (kind: Fate['kind']) => [...fates.values()].filter((fate) => fate.kind === kind).length;
  const candidates = announcements.filter(({ kind }) => kind === 'candidate').length;
  const counts = {
    Bundled: count('bundled'),
    Bundles: published.length,
    BytesIn: sum(published.flatMap(({ members }) => members.map(({ size }) => size))),
    BytesOut: sum(published.map(({ size }) => size)),
    Duplicates: count('duplicate') + candidates - fates.size,
    Quarantined: count('refused') + announcements.filter(({ kind }) => kind === 'refused').length,
    Retried: count('retry'),
    Unstarted: count('unstarted'),
  };
  for (const { key, size, tarSize, members } of published) {
    log.info('bundle.published', { bundle: key, members: members.length, bytes: size, tarBytes: tarSize });
  }
  for (const [id, fate] of fates) {
    if (fate.kind === 'retry') log.warn('member.retried', { object: id, why: fate.why, detail: fate.detail });
  }
  log.info('batch.done', { announcements: announcements.length, ms, ...counts });

  for (const [name, value] of Object.entries(counts)) metrics.count(name, value);
  const ages = agesOf(published);
  for (const limit of SLO_SECONDS)
    metrics.count(`LaterThan${limit}s`, ages.filter((age) => age > limit).length);
  if (ages.length > 0)
    metrics.seconds(
      'DeliverySeconds',
      ages.reduce((a, b) => Math.max(a, b)),
    );
}

/** Seconds from landing to published, for every member of the bundles. */
function agesOf(published: readonly PublishedBundle[]): number[] {
  return published.flatMap(({ members, at }) =>
    members.map(({ candidate }) => (at - candidate.landed.landedAt) / 1000),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
