import { BUNDLE_PREFIX, groupOfBundle, REPLAY_PREFIX } from '../bundle-key/index.ts';
import type { EventLog } from '../observability/index.ts';
import { type Clock, type RetryRules, withRetries } from '../retry/index.ts';
import type { ObjectListing } from '../s3/index.ts';

/** Prefixes of the bundles that wait for the consumer: new and replayed ones. */
const CONSUMER_PREFIXES = [BUNDLE_PREFIX, REPLAY_PREFIX] as const;

/** Groups that are reported. A metric for each would cost money without bound, because files name groups; a field of a log line does not. */
const REPORTED_GROUPS = 20;
/** Groups that are kept in memory: those with the oldest bundles. */
const MAX_GROUPS = 1_000;

/** The waiting bundles of one group. */
export interface GroupBacklog {
  /** Its name, as in the keys of its bundles. */
  group: string;
  bundles: number;
  bytes: number;
  oldestAgeSeconds: number;
}

/** The bundles that wait for the consumer. */
export interface Backlog {
  bundles: number;
  bytes: number;
  /** Seconds that the oldest bundle has waited; 0 if there is none. */
  oldestAgeSeconds: number;
  /** Whether everything was counted. If time ran out, the figures are lower bounds. */
  complete: boolean;
  /** The groups whose oldest bundles have waited longest, at most 20; absent if no bundle has a group. */
  groups?: GroupBacklog[];
}

export interface BacklogDependencies extends RetryRules {
  listing: Pick<ObjectListing, 'objects'>;
  clock: Clock;
}

/**
 * Counts the bundles in the distribution bucket, page by page. Keys sort by time, with groups by group and then by time, so the oldest of what
 * was listed come first even if time runs out.
 *
 * @param bucket the distribution bucket
 * @param until when to stop, ms since the epoch
 * @throws CallError
 */
export async function countBacklog(
  bucket: string,
  until: number,
  dependencies: BacklogDependencies,
): Promise<Backlog> {
  const { listing, clock } = dependencies;
  let bundles = 0;
  let bytes = 0;
  let oldest = Infinity;
  let complete = true;
  const groups = new Map<string, { bundles: number; bytes: number; oldest: number }>();
  for (const prefix of CONSUMER_PREFIXES) {
    let after: string | undefined;
    do {
      if (clock.now() >= until) {
        complete = false;
        break;
      }
      const start = { bucket, prefix, after };
      const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
      for (const { key, size, lastModified } of objects) {
        bundles++;
        bytes += size;
        oldest = Math.min(oldest, lastModified);
        const group = groupOfBundle(key);
        if (group === undefined) continue;
        const sum = groups.get(group) ?? { bundles: 0, bytes: 0, oldest: Infinity };
        sum.bundles++;
        sum.bytes += size;
        sum.oldest = Math.min(sum.oldest, lastModified);
        groups.set(group, sum);
      }
      if (groups.size > MAX_GROUPS) {
        for (const [group] of byAge(groups).slice(MAX_GROUPS / 2)) groups.delete(group);
      }
      after = next;
    } while (after !== undefined);
  }
  // S3's clock may be ahead of ours, and without bundles, the oldest is at infinity.
  const ageOf = (moment: number) => Math.max(0, (clock.now() - moment) / 1000);
  const oldestAgeSeconds = ageOf(oldest);
  const oldestGroups = byAge(groups)
    .slice(0, REPORTED_GROUPS)
    .map(([group, { oldest, ...sum }]) => ({ group, ...sum, oldestAgeSeconds: ageOf(oldest) }));
  return { bundles, bytes, oldestAgeSeconds, complete, ...(groups.size > 0 && { groups: oldestGroups }) };
}

/** Those with the oldest bundle first. */
function byAge<T extends { oldest: number }>(groups: ReadonlyMap<string, T>): [string, T][] {
  return [...groups].sort(([, one], [, other]) => one.oldest - other.oldest);
}

/** Logs the figures. Metric filters read them from there for the backlog alarms, only while they are over a limit. */
export function reportBacklog(
  { bundles, bytes, oldestAgeSeconds, complete, groups }: Backlog,
  log: EventLog,
): void {
  const fields = { bundles, bytes, oldestAgeSeconds, ...(groups && { groups }) };
  if (complete) log.info('backlog.counted', fields);
  else log.warn('backlog.partly-counted', fields);
}
