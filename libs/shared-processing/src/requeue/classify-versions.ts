import { type ObjectStatus, objectStatuses, type ObjectStatusDependencies } from '../ledger/index.ts';
import type { EventLog } from '../observability/index.ts';
import { type ListedVersion, NO_VERSION } from '../s3/index.ts';
import type { NotifiedObject } from '../s3-event/index.ts';

export interface ClassifyDependencies extends ObjectStatusDependencies {
  log: EventLog;
  landingBucket: string;
}

/** The counts of classified versions. */
export interface VersionCounts {
  examined: number;
  delivered: number;
  /** Claimed by a builder that may still be at work. */
  busy: number;
  quarantined: number;
  /** Neither bundled nor claimed nor quarantined. */
  lost: number;
  /** Their bundle could not be looked up, so nothing may be concluded. */
  undecided: number;
  /** Without a version id: a requeued notification would not have the identity of the original one. */
  unversioned: number;
}

export interface ClassifiedVersions {
  counts: VersionCounts;
  lost: NotifiedObject[];
  /** When the oldest object landed that is neither delivered nor quarantined; ms since the epoch. */
  unsettledSince: number | undefined;
}

/**
 * Looks up the status of listed versions, and returns the lost ones in their order.
 *
 * @throws CallError if the ledger cannot be reached
 */
export async function classifyVersions(
  versions: readonly ListedVersion[],
  dependencies: ClassifyDependencies,
): Promise<ClassifiedVersions> {
  const { landingBucket, log } = dependencies;
  const objects = versions
    .filter(({ versionId }) => versionId !== NO_VERSION)
    .map((version) => notificationOf(landingBucket, version));
  const unversioned = versions.filter(({ versionId }) => versionId === NO_VERSION);
  const [first] = unversioned;
  if (first) log.warn('objects.unversioned', { objects: unversioned.length, first: first.key });

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
      examined: versions.length,
      delivered: count('delivered'),
      busy: count('busy'),
      quarantined: count('quarantined'),
      lost: count('nowhere'),
      undecided: count('unknown'),
      unversioned: unversioned.length,
    },
    lost: found.filter(({ where }) => where.kind === 'nowhere').map(({ object }) => object),
    unsettledSince: earliest(unsettled.map(({ object }) => object.landedAt)),
  };
}

/** The earliest time; undefined if there is none. */
export function earliest(moments: readonly (number | undefined)[]): number | undefined {
  return moments.reduce(
    (a, b) => (a !== undefined && b !== undefined ? Math.min(a, b) : (a ?? b)),
    undefined,
  );
}

function notificationOf(bucket: string, listed: ListedVersion): NotifiedObject {
  const { key, versionId, size, etag, lastModified } = listed;
  return { bucket, key, version: { kind: 'id', versionId }, size, etag, landedAt: lastModified };
}
