import {
  type ArchiveDependencies,
  type ArchivedBundle,
  bundlesBetween,
  readManifest,
} from '@data-aggregator/shared-processing/archive';
import { ledgerHorizon, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { mapConcurrently, withRetries } from '@data-aggregator/shared-processing/retry';
import type { ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import { IdSet } from './id-set.ts';

/*
 * Who knows whether a version was delivered:
 *
 *      oldest manifest                      horizon                    now
 *            │                                 │                        │
 *     ───────┼─────────────────────────────────┼────────────────────────┼──▶ time of delivery
 *    nothing │            manifests            │   the ledger's claims  │
 *
 * A version may have been delivered at any time since it landed. If it landed after the horizon, the ledger knows. If it landed
 * before, the manifests and the ledger together know. If it landed before the oldest manifest, they know only if the pipeline
 * is younger than the version; but the archive may also have expired older manifests.
 */

/** What the manifests say about a version. The ledger must be asked as well, unless it was delivered. */
export type PastDelivery =
  | 'delivered'
  /** In no bundle of the time of which the ledger may have forgotten deliveries. */
  | 'undelivered'
  /** In a bundle that has a manifest but is in neither bucket: it was never published, or it was published and has expired. */
  | 'undecided'
  /** Landed before the oldest manifest. */
  | 'unprovable';

export interface PastDeliveriesDependencies extends ArchiveDependencies {
  store: Pick<ObjectStore, 'get' | 'head'>;
  distribution: string;
  claimRetentionMs: number;
  maxConcurrentReads: number;
}

/** Looks versions up among the deliveries that the ledger may have forgotten. */
export interface PastDeliveries {
  /**
   * Reads the manifests that are needed now and were not read before; none if every version landed after the horizon.
   *
   * @returns an answer for each version, in the same order; undefined if the signal aborted
   * @throws CallError, ManifestError
   */
  find(versions: readonly LandedVersion[], signal: AbortSignal): Promise<PastDelivery[] | undefined>;
}

export interface LandedVersion extends ObjectVersion {
  /** ms since the epoch. */
  landedAt: number;
}

/** Of these, only versions are looked up. */
export interface Wanted {
  bucket: string;
  prefix: string;
  /** Deliveries before this time are not needed, because no wanted version had landed; ms since the epoch. */
  from: number;
}

const HOUR_MS = 3_600_000;
/** By how much the horizon may pass the manifests that were read. `ledgerHorizon` leaves a day. */
const MAX_GAP_MS = 12 * HOUR_MS;
/** Lifecycle rules expire manifests in no particular order within a day or two. */
const EXPIRY_MARGIN_MS = 72 * HOUR_MS;
/** Manifests that are read between two listings. */
const CHUNK = 500;

export function createPastDeliveries(
  wanted: Wanted,
  dependencies: PastDeliveriesDependencies,
): PastDeliveries {
  const { clock, claimRetentionMs, maxConcurrentReads } = dependencies;
  const horizon = () => ledgerHorizon(clock.now(), claimRetentionMs);
  const delivered = new IdSet();
  const undecided = new Set<string>();
  /** Every manifest that was stored before this time was read. */
  let readUntil = 0;
  let oldest = Infinity;

  const read = async (bundles: readonly ArchivedBundle[], signal: AbortSignal): Promise<void> => {
    await mapConcurrently(bundles, maxConcurrentReads, async ({ bundle }) => {
      if (signal.aborted) return;
      const ids = await wantedMembers(bundle, wanted, dependencies);
      if (ids.length === 0) return;
      const isPublished = await wasPublished(bundle, dependencies);
      for (const id of ids) {
        if (isPublished) delivered.add(id);
        else undecided.add(id);
      }
    });
  };

  const readTo = async (to: number, signal: AbortSignal): Promise<void> => {
    let chunk: ArchivedBundle[] = [];
    for await (const archived of bundlesBetween({ from: readUntil, to }, undefined, dependencies)) {
      if (signal.aborted) return;
      oldest = Math.min(oldest, archived.manifestStoredAt);
      if (archived.manifestStoredAt < wanted.from) continue;
      chunk.push(archived);
      if (chunk.length < CHUNK) continue;
      await read(chunk, signal);
      chunk = [];
    }
    await read(chunk, signal);
    if (!signal.aborted) readUntil = to;
  };

  const answer = (version: LandedVersion): PastDelivery => {
    // Delivered after the manifests that were read, if at all: the ledger knows.
    if (version.landedAt >= readUntil) return 'undelivered';
    const id = objectIdOf(version);
    if (delivered.has(id)) return 'delivered';
    if (undecided.has(id)) return 'undecided';
    return version.landedAt < oldest + EXPIRY_MARGIN_MS ? 'unprovable' : 'undelivered';
  };

  return {
    async find(versions, signal) {
      const isBehind = () => readUntil === 0 || horizon() - readUntil > MAX_GAP_MS;
      const needsManifests = versions.some(({ landedAt }) => landedAt < horizon());
      // Reading takes time, in which the horizon moves on.
      while (needsManifests && isBehind()) {
        await readTo(horizon(), signal);
        if (signal.aborted) return undefined;
      }
      return versions.map(answer);
    },
  };
}

/** Counts the manifests that `find` would read, by listing them only, until the signal aborts. @throws CallError */
export async function countPastManifests(
  { from }: Pick<Wanted, 'from'>,
  signal: AbortSignal,
  dependencies: Pick<PastDeliveriesDependencies, keyof ArchiveDependencies | 'claimRetentionMs'>,
): Promise<number> {
  const { clock, claimRetentionMs } = dependencies;
  const range = { from, to: ledgerHorizon(clock.now(), claimRetentionMs) };
  let count = 0;
  for await (const _ of bundlesBetween(range, undefined, dependencies)) {
    if (signal.aborted) break;
    count++;
  }
  return count;
}

async function wantedMembers(
  bundle: string,
  { bucket, prefix }: Wanted,
  dependencies: PastDeliveriesDependencies,
): Promise<string[]> {
  const manifest = await readManifest(bundle, dependencies.archive, dependencies);
  return (manifest?.members ?? [])
    .filter((member) => member.bucket === bucket && member.key.startsWith(prefix))
    .map(objectIdOf);
}

/** Whether a bundle was certainly published: the archive has its replica, or distribution has it or its delete marker. */
async function wasPublished(bundle: string, dependencies: PastDeliveriesDependencies): Promise<boolean> {
  const { store, archive, distribution } = dependencies;
  const head = (bucket: string) => withRetries(() => store.head(bucket, bundle), dependencies);
  return (await head(archive)).kind === 'present' || (await head(distribution)).kind !== 'absent';
}
