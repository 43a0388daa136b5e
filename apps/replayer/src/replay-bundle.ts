import { replayKey } from '@data-aggregator/shared-processing/bundle-key';
import { CallError, isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import type { Manifest } from '@data-aggregator/shared-processing/manifest';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { BundleOutcome } from './bundle-outcome.ts';
import type { ArchivedState, ReplayStore } from './replay-store.ts';
import type { ReplayRequest } from './request.ts';

export interface ReplayBundleDependencies extends RetryRules {
  store: Pick<ObjectStore, 'get' | 'head'>;
  replays: ReplayStore;
  buckets: { distribution: string; archive: string };
  restoreDays: number;
  log: EventLog;
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
    if ((await head(target, dependencies)) !== 'absent') return { kind: 'already-there', target };
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
  { size, sha256 }: Extract<ArchivedState, { kind: 'readable' }>,
  bundle: Manifest['bundle'],
): string | undefined {
  if (size !== bundle.size) return `the archive has ${size} bytes, but the manifest says ${bundle.size}`;
  if (sha256 !== undefined && sha256 !== bundle.sha256) {
    return `the archive has the SHA-256 ${sha256}, but the manifest says ${bundle.sha256}`;
  }
  return undefined;
}

/** Copies in one attempt. After a lost response it asks S3 instead of retrying, because the consumer may already have deleted the copy. */
async function copy(
  { key, size, sha256 }: Manifest['bundle'],
  etag: string,
  target: string,
  dependencies: ReplayBundleDependencies,
): Promise<BundleOutcome> {
  const { replays, buckets, log } = dependencies;
  try {
    const written = await replays.copy({
      from: { bucket: buckets.archive, key, etag },
      to: { bucket: buckets.distribution, key: target },
    });
    if (written !== sha256) {
      const detail = `S3 wrote the SHA-256 ${written} to ${target}, but the manifest says ${sha256}`;
      log.error('bundle.miscopied', { bundle: key, target, written, sha256 });
      return { kind: 'failed', detail };
    }
  } catch (error) {
    if (!(error instanceof CallError) || isSystemError(error)) throw error;
    if ((await head(target, dependencies)) === 'absent') return { kind: 'failed', detail: error.message };
  }
  log.info('bundle.replayed', { bundle: key, target, bytes: size });
  return { kind: 'copied', target, size };
}

async function head(key: string, { store, buckets, ...rules }: ReplayBundleDependencies) {
  const state = await withRetries(() => store.head(buckets.distribution, key), rules);
  return state.kind;
}
