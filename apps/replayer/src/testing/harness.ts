import { bundleKey, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { Ledger, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import {
  manualClock,
  memoryListing,
  memoryStore,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import {
  type BundleFormat,
  manifestKey,
  serializeManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { MultipartStore } from '@data-aggregator/shared-processing/s3';
import { recordingLog, recordingMetrics } from '@data-aggregator/shared-processing/observability/testing';
import { type ReplayDependencies, replay } from '../replay.ts';
import type { ReplayStore } from '../replay-store.ts';
import { parseRequest, type ReplayEvent } from '../request.ts';
import { memoryReplays, sha256 } from './memory-replays.ts';

export const NINE = Date.UTC(2026, 10, 22, 9);
export const MINUTE = 60_000;
const MS_PER_INVOCATION = 5 * MINUTE;

/** The state of a test's bundle; by default, the consumer has deleted it. */
interface BundleOptions {
  keys?: string[];
  published?: 'taken' | 'waiting' | 'never';
  archived?: boolean;
  /** Whether S3 copied it, so that there is only a CRC-64/NVME. */
  copied?: boolean;
  group?: string;
  /** What its manifest says instead. */
  stated?: { size?: number; crc64nvme?: string; format?: BundleFormat };
}

/** The replayer with in-memory services. */
export function harness(
  wrap: (replays: ReplayStore) => ReplayStore = (replays) => replays,
  wrapMultipart: (multipart: MultipartStore) => Partial<MultipartStore> = () => ({}),
) {
  const clock = manualClock(NINE);
  const store = memoryStore(clock.now);
  const table = memoryTable();
  const replays = memoryReplays(store);
  const metrics = recordingMetrics();
  const log = recordingLog();
  const published = new Map<string, Set<string>>();
  const common = {
    clock,
    table,
    random: () => 0.5,
    publications: { membersOf: async (k: string) => published.get(k) },
  };
  const dependencies: ReplayDependencies = {
    ...common,
    log,
    metrics,
    store,
    listing: memoryListing(store, 3),
    archive: 'archive',
    buckets: { distribution: 'distribution', archive: 'archive' },
    landingBucket: 'landing',
    replays: wrap(replays),
    multipart: { ...store.multipart, ...wrapMultipart(store.multipart) },
    rangeBytes: 3,
    concurrentRanges: 2,
    restoreDays: 7,
    concurrency: 2,
    maxBundles: 1_000,
    maxConcurrentReads: 4,
  };
  const ledger = new Ledger({ ...common, uploads: { abort: async () => undefined } });
  let count = 0;

  return {
    clock,
    store,
    table,
    replays,
    metrics,
    log,
    dependencies,
    /** Creates a bundle, one minute after the previous one; returns its key. */
    async bundle(options: BundleOptions = {}) {
      const { keys = ['a'], published: state = 'taken', archived = true, copied, group, stated } = options;
      clock.advance(MINUTE);
      const key = bundleKey(clock.now(), String(++count).padStart(16, '0'), '.tar.gz', group);
      const content = Buffer.from(`bundle ${count}`);
      const members = keys.map((member) => {
        const { versionId, etag } = store.upload('landing', member, Buffer.from(member));
        const object = { bucket: 'landing', key: member, version: { kind: 'id' as const, versionId } };
        const text = { name: member, size: 1, sha256: sha256(content), etag };
        return { ...object, ...text, lastModified: clock.now(), landedAt: clock.now() };
      });
      const checksum = copied
        ? { crc64nvme: await checksumOf('crc64nvme', content) }
        : { sha256: sha256(content) };
      const format: BundleFormat = 'tar.gz';
      const actual = { bucket: 'distribution', key, size: content.length, ...checksum, format };
      const manifest = { bundle: { ...actual, createdAt: clock.now(), ...stated }, members };
      store.upload('archive', manifestKey(key), Buffer.from(serializeManifest(manifest)));
      for (const member of members) {
        await ledger.claim(member, { bundle: key, until: clock.now(), expires: 9e9 });
      }
      if (state !== 'never') {
        store.upload('distribution', key, content);
        published.set(key, new Set(members.map(objectIdOf)));
        if (archived) store.upload('archive', key, content);
      }
      if (state === 'taken') store.addDeleteMarker('distribution', key);
      return key;
    },
    run: (event: ReplayEvent, ms = MS_PER_INVOCATION) =>
      replay(
        parseRequest(event),
        { until: clock.now() + ms, deadline: clock.now() + MS_PER_INVOCATION },
        dependencies,
      ),
    /** Keys of the current replays. */
    replayed: () =>
      store
        .keys('distribution')
        .filter((key) => key.startsWith(REPLAY_PREFIX) && store.versions('distribution', key).at(-1)?.content)
        .sort(),
  };
}

/** A range in minutes after nine, as in a request. */
export function minutes(from: number, to: number): { from: string; to: string } {
  const iso = (minute: number) => new Date(NINE + minute * MINUTE).toISOString();
  return { from: iso(from), to: iso(to) };
}
