import {
  backoffMs,
  CallError,
  type Clock,
  isSystemError,
  SystemFault,
} from '@data-aggregator/shared-processing/calls';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { TimeBudget } from './time-budget.ts';

export interface PublishDependencies {
  store: ObjectStore;
  clock: Clock;
  random: () => number;
}

/** Whether S3 holds the bundle; `not-published` is final only once its claims have lapsed. */
export type Publication = { kind: 'published' } | { kind: 'not-published'; detail: string };

/** Times that a bundle may be refused for the pace before its members go back. */
const MAX_THROTTLES = 3;

/**
 * Publishes a bundle: the one act that delivers its members. It is sent once. Only after S3 has said that it did not
 * take it for the pace of requests is it sent again. After a lost answer S3 is asked what it holds; a second PUT would
 * succeed over the delete marker of a consumer who has pulled the bundle, and deliver it twice.
 *
 * @throws SystemFault where S3 refuses for a reason that holds for every bundle
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

/** What S3 holds under the key after the PUT's own answer did not tell. */
async function askOnce(bundle: StoredObject, lost: CallError, store: ObjectStore): Promise<Publication> {
  try {
    const state = await store.head(bundle.bucket, bundle.key);
    if (state.kind !== 'absent') return { kind: 'published' };
    return { kind: 'not-published', detail: lost.message };
  } catch (error) {
    return { kind: 'not-published', detail: `${lost.message}; ${(error as Error).message}` };
  }
}
