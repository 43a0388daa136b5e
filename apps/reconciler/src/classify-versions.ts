import {
  type ObjectStatus,
  objectStatuses,
  type ObjectStatusDependencies,
} from '@data-aggregator/shared-processing/ledger';
import type { ListedVersion } from '@data-aggregator/shared-processing/s3';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { NotifiedObject } from '@data-aggregator/shared-processing/s3-event';
import { isInRange, type Range } from './range.ts';
import type { ReconcileCounts } from './counts.ts';

export interface ClassifyDependencies extends ObjectStatusDependencies {
  log: EventLog;
  landingBucket: string;
}

export interface ClassifiedPage {
  counts: Partial<ReconcileCounts>;
  lost: NotifiedObject[];
  /** When the oldest object landed that is neither delivered nor quarantined; ms since the epoch. */
  unsettledSince: number | undefined;
}

/** The version id that S3 lists for an object without one. */
const NO_VERSION = 'null';

/**
 * Looks up the status of the versions of a page, and returns the lost ones.
 *
 * @throws CallError if the ledger cannot be reached
 */
export async function classifyVersions(
  page: readonly ListedVersion[],
  range: Range,
  dependencies: ClassifyDependencies,
): Promise<ClassifiedPage> {
  const { landingBucket, log } = dependencies;
  const inRange = page.filter((version) => isInRange(range, version));
  const objects = inRange
    .filter(({ versionId }) => versionId !== NO_VERSION)
    .map((version) => notificationOf(landingBucket, version));
  const unversioned = inRange.length - objects.length;
  if (unversioned > 0) log.warn('objects.unversioned', { objects: unversioned, first: firstOf(inRange) });

  const answers = await objectStatuses(objects, dependencies);
  const found = objects.map((object, index) => ({ object, where: answers[index] as ObjectStatus }));
  const count = (kind: ObjectStatus['kind']) => found.filter(({ where }) => where.kind === kind).length;
  for (const { object, where } of found) {
    if (where.kind !== 'unknown') continue;
    log.error('object.undecided', { key: object.key, bundle: where.bundle, error: where.cause });
  }
  const unsettled = found.filter(({ where }) => ['busy', 'nowhere', 'unknown'].includes(where.kind));
  return {
    counts: {
      listed: page.length,
      examined: inRange.length,
      delivered: count('delivered'),
      busy: count('busy'),
      quarantined: count('quarantined'),
      lost: count('nowhere'),
      undecided: count('unknown'),
      unversioned,
    },
    lost: found.filter(({ where }) => where.kind === 'nowhere').map(({ object }) => object),
    unsettledSince: earliest(unsettled.map(({ object }) => object.landedAt)),
  };
}

/** The earliest time; undefined if there is none. */
export function earliest(moments: readonly (number | undefined)[]): number | undefined {
  return moments.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);
}

function notificationOf(bucket: string, listed: ListedVersion): NotifiedObject {
  const { key, versionId, size, etag, lastModified } = listed;
  return { bucket, key, version: { kind: 'id', versionId }, size, etag, landedAt: lastModified };
}

function firstOf(versions: readonly ListedVersion[]): string | undefined {
  return versions.find(({ versionId }) => versionId === NO_VERSION)?.key;
}
