import { CallError, isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { backoffMs, type Clock } from '@data-aggregator/shared-processing/retry';
import type { Checksums } from '@data-aggregator/shared-processing/manifest';
import type {
  MultipartStore,
  ObjectStore,
  StoredObject,
  Upload,
  UploadedPart,
} from '@data-aggregator/shared-processing/s3';
import type { TimeBudget } from './time-budget.ts';

/** A bundle that is built, but not visible. */
export type BuiltBundle =
  /** It is in memory, and one PUT publishes it. */
  | { kind: 'whole'; object: StoredObject }
  /** S3 has its parts, and completing the upload publishes it. */
  | {
      kind: 'parts';
      object: { bucket: string; key: string; size: number; crc64nvme: string } & Checksums;
      upload: Upload;
      parts: readonly UploadedPart[];
    };

export interface PublishDependencies {
  store: ObjectStore;
  multipart: MultipartStore;
  clock: Clock;
  random: () => number;
}

/** Whether S3 has the bundle. `not-published` becomes final only when the bundle's claims have expired. */
export type Publication = { kind: 'published' } | { kind: 'not-published'; detail: string };

/** How often S3 may throttle a bundle's publishing before its members return to the queue. */
const MAX_THROTTLES = 3;

/**
 * Publishes a bundle: the one act that delivers its members. It is sent once, and repeated only after S3 has stated that it did
 * nothing because of the request rate. After a lost response, S3 is asked what it has: a second PUT would succeed over the delete
 * marker of a consumer that took the bundle, and deliver it twice. Completing an upload has the same condition and the same rule.
 *
 * @throws SystemFault if S3 refuses for a reason that affects every bundle
 */
export async function publish(
  bundle: BuiltBundle,
  budget: TimeBudget,
  dependencies: PublishDependencies,
): Promise<Publication> {
  const { store, clock, random } = dependencies;
  for (let attempt = 1; ; attempt++) {
    if (clock.now() >= budget.publishUntil)
      return { kind: 'not-published', detail: 'no time was left to publish' };
    try {
      await send(bundle, clock.signalAt(budget.answerUntil), dependencies);
      return { kind: 'published' };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (isSystemError(error)) throw new SystemFault('bundles cannot be published', { cause: error });
      if (error.outcome === 'throttled' && attempt <= MAX_THROTTLES) {
        await clock.sleep(backoffMs(error, attempt, random));
        continue;
      }
      return askOnce(bundle.object, error, store);
    }
  }
}

function send(
  bundle: BuiltBundle,
  signal: AbortSignal,
  { store, multipart }: Pick<PublishDependencies, 'store' | 'multipart'>,
): Promise<void> {
  switch (bundle.kind) {
    case 'whole':
      return store.put({ ...bundle.object, onlyIfAbsent: true }, signal);
    case 'parts':
      return multipart.complete(bundle.upload, bundle.parts, bundle.object, signal);
  }
}

/** What S3 has under the key, after an inconclusive response. */
async function askOnce(
  bundle: { bucket: string; key: string },
  lost: CallError,
  store: ObjectStore,
): Promise<Publication> {
  try {
    const state = await store.head(bundle.bucket, bundle.key);
    if (state.kind !== 'absent') return { kind: 'published' };
    return { kind: 'not-published', detail: lost.message };
  } catch (error) {
    return { kind: 'not-published', detail: `${lost.message}; ${(error as Error).message}` };
  }
}
