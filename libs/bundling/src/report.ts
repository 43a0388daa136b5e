import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import type { MessageRecord } from './message-records.ts';
import type { BatchReport, PublishedBundle } from './batch.ts';
import type { Outcome } from './outcome.ts';

/** Seconds from landing to published: 95 % of files within the first, 99.9 % within the second. */
const SLO_SECONDS = [120, 180] as const;

export interface ReportDependencies {
  log: EventLog;
  metrics: Metrics;
}

/** Logs and counts the result of an invocation: one line and one set of metrics, however many files there are. */
export function report(
  records: readonly MessageRecord[],
  { outcomes, published }: BatchReport,
  ms: number,
  { log, metrics }: ReportDependencies,
): void {
  const count = (kind: Outcome['kind']) =>
    [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
  const candidates = records.filter(({ kind }) => kind === 'candidate').length;
  const ignored = records.flatMap((record) => (record.kind === 'ignored' ? record.type : []));
  const counts = {
    Bundled: count('bundled'),
    Bundles: published.length,
    BytesIn: sum(published.flatMap(({ members }) => members.map(({ size }) => size))),
    BytesOut: sum(published.map(({ size }) => size)),
    Duplicates: count('duplicate') + candidates - outcomes.size,
    Quarantined: count('refused') + records.filter(({ kind }) => kind === 'refused').length,
    Ignored: ignored.length,
    Retried: count('retry'),
    Forwarded: count('forwarded'),
    Unstarted: count('unstarted'),
    Unverified: published.flatMap(({ members }) => members.filter((member) => member.verifiedBy === 'none'))
      .length,
  };
  for (const { key, size, tarSize, parts, members } of published) {
    const sizes = { members: members.length, bytes: size, tarBytes: tarSize };
    log.info('bundle.published', { bundle: key, ...sizes, ...(parts > 0 && { parts }) });
  }
  for (const [id, outcome] of outcomes) {
    if (outcome.kind === 'retry')
      log.warn('member.retried', { object: id, why: outcome.why, detail: outcome.detail });
  }
  if (ignored.length > 0) log.info('records.ignored', { records: ignored.length, types: countEach(ignored) });
  log.info('batch.done', { records: records.length, ms, ...counts });

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

/** Types of ignored events that a log line names, and characters of each: a sender can invent more and longer ones. */
const MAX_TYPES = 20;
const MAX_TYPE_LENGTH = 60;

function countEach(types: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) {
    const name = type.slice(0, MAX_TYPE_LENGTH);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].slice(0, MAX_TYPES));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
