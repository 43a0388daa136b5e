import { CallError, isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { backoffMs, type Clock } from '@data-aggregator/shared-processing/retry';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { TimeBudget } from './time-budget.ts';

export interface PublishDependencies {
  store: ObjectStore;
  clock: Clock;
  random: () => number;
}

/** Whether S3 has the bundle. `not-published` becomes final only when the bundle's claims have expired. */
export type Publication = { kind: 'published' } | { kind: 'not-published'; detail: string };

/** How often S3 may throttle a bundle's PUT before its members return to the queue. */
const MAX_THROTTLES = 3;

/**
 * Publishes a bundle: the one act that delivers its members. The PUT is sent once, and repeated only after S3 has stated that it did
 * nothing because of the request rate. After a lost response, S3 is asked what it has: a second PUT would succeed over the delete
 * marker of a consumer that took the bundle, and deliver it twice.
 *
 * @throws SystemFault if S3 refuses for a reason that affects every bundle
 */
export async function publish(
  bundle: StoredObject,
  budget: TimeBudget,
  dependencies: PublishDependencies,
): Promise<Publication> {
  const { store, clock, random } = dependencies;
  for (let attempt = 1; ; attempt++) {
    if (clock.now() >= budget.publishUntil)
      return { kind: 'not-published', detail: 'no time was left to publish' };
    try {
      await store.put({ ...bundle, onlyIfAbsent: true }, clock.signalAt(budget.answerUntil));
      return { kind: 'published' };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (isSystemError(error)) throw new SystemFault('bundles cannot be published', { cause: error });
      if (error.outcome === 'throttled' && attempt <= MAX_THROTTLES) {
        await clock.sleep(backoffMs(error, attempt, random));
        continue;
      }
      return askOnce(bundle, error, store);
    }
  }
}

/** What S3 has under the key, after an inconclusive response to the PUT. */
async function askOnce(bundle: StoredObject, lost: CallError, store: ObjectStore): Promise<Publication> {
  try {
    const state = await store.head(bundle.bucket, bundle.key);
    if (state.kind !== 'absent') return { kind: 'published' };
    return { kind: 'not-published', detail: lost.message };
  } catch (error) {
    return { kind: 'not-published', detail: `${lost.message}; ${(error as Error).message}` };
  }
}
