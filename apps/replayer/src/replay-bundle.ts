import { replayKey } from '@data-aggregator/shared-processing/bundle-key';
import { CallError, isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { bundleId } from '@data-aggregator/shared-processing/ledger';
import { type Clock, withRetries } from '@data-aggregator/shared-processing/retry';
import type { BundleFormat, Manifest } from '@data-aggregator/shared-processing/manifest';
import type { ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { BundleOutcome } from './bundle-outcome.ts';
import {
  abortEarlierCopy,
  copyInParts,
  type CopyInPartsDependencies,
  RECORD_SECONDS,
} from './copy-in-parts.ts';
import type { ArchivedState, Copy, ReplayStore } from './replay-store.ts';
import type { ReplayRequest } from './request.ts';

/** Bytes of the largest object that CopyObject copies. Source: Amazon S3 API Reference, "CopyObject". */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

export interface ReplayBundleDependencies extends CopyInPartsDependencies {
  store: Pick<ObjectStore, 'get' | 'head'>;
  replays: ReplayStore;
  clock: Clock;
  buckets: { distribution: string; archive: string };
  restoreDays: number;
  /** When the last requests of this invocation have certainly taken effect, ms since the epoch. */
  settledBy: number;
}

/**
 * Replays one bundle, or starts to restore it. Repeated for the same request, it delivers nothing twice, even if the consumer
 * has already deleted the first copy. Not safe for concurrent calls with the same request.
 *
 * @throws SystemFault if the failure affects every bundle
 */
export async function replayBundle(
  { bundle }: Manifest,
  request: Pick<ReplayRequest, 'requestId' | 'execute' | 'tier'>,
  dependencies: ReplayBundleDependencies,
): Promise<BundleOutcome> {
  const { replays, buckets, restoreDays } = dependencies;
  try {
    const target = replayKey(request.requestId, bundle.key);
    if (request.execute && needsParts(bundle)) {
      await abortEarlierCopy(buckets.distribution, target, dependencies);
    }
    // Read before S3 is asked: a copy that arrives in between is seen, too.
    const arrivesUntil = request.execute ? await copyMayArriveUntil(target, dependencies) : undefined;
    if ((await head(target, dependencies)) !== 'absent') return { kind: 'already-there', target };
    if (arrivesUntil !== undefined) {
      const time = new Date(arrivesUntil).toISOString();
      return {
        kind: 'failed',
        detail: `an earlier copy may still arrive until ${time}; repeat the request then`,
      };
    }
    const published = await head(bundle.key, dependencies);
    if (published === 'present') return { kind: 'still-waiting' };
    const state = await withRetries(() => replays.stateOf(buckets.archive, bundle.key), dependencies);
    switch (state.kind) {
      case 'absent':
        return published === 'absent'
          ? { kind: 'never-published' }
          : { kind: 'missing', detail: 'it was published, but is not in the archive' };
      case 'restoring':
        return state;
      case 'archived': {
        const { storageClass } = state;
        if (!request.execute) return { kind: 'to-restore', storageClass };
        const wanted = { days: restoreDays, tier: request.tier };
        await withRetries(() => replays.restore(buckets.archive, bundle.key, wanted), dependencies);
        return { kind: 'restoring', storageClass };
      }
      case 'readable': {
        const difference = differenceOf(state, bundle);
        if (difference !== undefined) return { kind: 'failed', detail: difference };
        if (!request.execute) return { kind: 'to-copy', target, size: bundle.size };
        return await copy(bundle, state.etag, target, dependencies);
      }
    }
  } catch (error) {
    if (isSystemError(error)) throw new SystemFault('bundles cannot be replayed', { cause: error });
    if (!(error instanceof CallError)) throw error;
    return { kind: 'failed', detail: error.message };
  }
}

/** How a bundle in the archive differs from its manifest; undefined if it does not. */
function differenceOf(
  { size, sha256, crc64nvme }: Extract<ArchivedState, { kind: 'readable' }>,
  bundle: Manifest['bundle'],
): string | undefined {
  if (size !== bundle.size) return `the archive has ${size} bytes, but the manifest says ${bundle.size}`;
  if (sha256 !== undefined && bundle.sha256 !== undefined && sha256 !== bundle.sha256) {
    return `the archive has the SHA-256 ${sha256}, but the manifest says ${bundle.sha256}`;
  }
  if (crc64nvme !== undefined && bundle.crc64nvme !== undefined && crc64nvme !== bundle.crc64nvme) {
    return `the archive has the CRC-64/NVME ${crc64nvme}, but the manifest says ${bundle.crc64nvme}`;
  }
  return undefined;
}

/** Whether one request cannot copy a bundle: because of its size, or because S3 then returns only a SHA-256 to compare. */
function needsParts({ size, sha256 }: Manifest['bundle']): boolean {
  return size > MAX_COPY_BYTES || sha256 === undefined;
}

/** Copies in one attempt. After a lost response it asks S3 instead of retrying, because the consumer may already have deleted the copy. */
async function copy(
  bundle: Manifest['bundle'],
  etag: string,
  target: string,
  dependencies: ReplayBundleDependencies,
): Promise<BundleOutcome> {
  const { buckets, log } = dependencies;
  const { key, size } = bundle;
  const from = { bucket: buckets.archive, key, etag };
  const to = { bucket: buckets.distribution, key: target };
  try {
    const difference = needsParts(bundle)
      ? await copyLarge(bundle, from, to, dependencies)
      : await copyWhole(bundle, from, to, dependencies);
    if (difference !== undefined) {
      log.error('bundle.miscopied', { bundle: key, target, difference });
      return { kind: 'failed', detail: difference };
    }
  } catch (error) {
    if (!(error instanceof CallError) || isSystemError(error)) throw error;
    if ((await head(target, dependencies)) === 'absent') {
      if (error.outcome !== 'unknown') await forgetCopy(target, dependencies);
      return { kind: 'failed', detail: error.message };
    }
  }
  log.info('bundle.replayed', { bundle: key, target, bytes: size });
  return { kind: 'copied', target, size };
}

/*
 * A copy whose response was lost may take effect later. If the request were repeated before that, and the consumer deleted the second copy,
 * `If-None-Match` would let the first one through: the bundle would be delivered twice. So each copy is recorded before it is made, and
 * is not repeated before it has arrived or never will.
 *
 *     copy 1, no response      repeated: not yet      settledBy     repeated: copy 2
 *     ├─ ─ ─ ─ ─ ─ ─ ─ may arrive ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┤
 */
const COPY = 'copyUntil';

/** @throws CallError: then nothing may be copied */
async function recordCopy(target: string, dependencies: ReplayBundleDependencies): Promise<void> {
  const { table, settledBy } = dependencies;
  const expires = Math.ceil(settledBy / 1000) + RECORD_SECONDS;
  await withRetries(() => table.put({ id: bundleId(target), [COPY]: settledBy, expires }), dependencies);
}

/** Until when a copy may arrive that an earlier run has sent, ms since the epoch; undefined if there is none. */
async function copyMayArriveUntil(
  target: string,
  dependencies: ReplayBundleDependencies,
): Promise<number | undefined> {
  const { table, clock } = dependencies;
  const record = await withRetries(() => table.get(bundleId(target)), dependencies);
  const until = Number(record?.[COPY] ?? 0);
  return until > clock.now() ? until : undefined;
}

/** S3 has refused the copy, so it need not be waited for. */
async function forgetCopy(target: string, dependencies: ReplayBundleDependencies): Promise<void> {
  const { table, settledBy, log } = dependencies;
  const own = { kind: 'equals', attributes: { [COPY]: settledBy } } as const;
  await withRetries(() => table.delete(bundleId(target), own), dependencies).catch((error: unknown) =>
    // The request can then be repeated a little later.
    log.warn('copy.unforgotten', { bundle: target, error }),
  );
}

/** @returns how the copy differs from the manifest; undefined if it does not */
async function copyWhole(
  { sha256 }: Manifest['bundle'],
  from: Copy['from'],
  to: Copy['to'],
  dependencies: ReplayBundleDependencies,
): Promise<string | undefined> {
  await recordCopy(to.key, dependencies);
  const written = await dependencies.replays.copy({ from, to });
  if (written === sha256) return undefined;
  return `S3 wrote the SHA-256 ${written} to ${to.key}, but the manifest says ${sha256}`;
}

/** @returns why the copy was not made visible; undefined if it was */
async function copyLarge(
  { size, crc64nvme, format }: Manifest['bundle'],
  from: Copy['from'],
  to: Copy['to'],
  dependencies: ReplayBundleDependencies,
): Promise<string | undefined> {
  if (crc64nvme === undefined) return `${size} bytes cannot be copied without a CRC-64/NVME in the manifest`;
  const contentType = CONTENT_TYPES[format];
  return copyInParts({ from, to: { ...to, contentType }, size, crc64nvme }, dependencies);
}

const CONTENT_TYPES: Readonly<Record<BundleFormat, string>> = {
  'tar.gz': 'application/gzip',
  'tar.zst': 'application/zstd',
  tar: 'application/x-tar',
};

async function head(key: string, { store, buckets, ...rules }: ReplayBundleDependencies) {
  const state = await withRetries(() => store.head(buckets.distribution, key), rules);
  return state.kind;
}
