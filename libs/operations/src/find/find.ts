import {
  type BundleRange,
  bundlesContaining,
  readManifest,
  readReceipt,
} from '@data-aggregator/shared-processing/archive';
import { groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import { withRetries } from '@data-aggregator/shared-processing/retry';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import { objectIdOf, type ObjectStatus, objectStatuses } from '@data-aggregator/shared-processing/ledger';
import type { ManifestMember } from '@data-aggregator/shared-processing/manifest';
import { ReceiptError } from '@data-aggregator/shared-processing/receipt';
import { NO_VERSION, versionsOfKey } from '@data-aggregator/shared-processing/s3';
import type { Connection } from '../connection/connect.ts';

/** Where one object version is. */
export interface Sighting {
  versionId: string;
  /** Its id in the ledger and in logs. */
  object: string;
  /** ISO 8601. */
  landedAt: string;
  where: 'delivered' | 'being-worked-on' | 'quarantined' | 'nowhere' | 'unknown';
  bundle?: string;
  /** Name of the bundle's group, if it has one. */
  group?: string;
  /** Its name in the bundle. */
  name?: string;
  size?: number;
  /** Of a member that S3 copied, there is a CRC-64/NVME instead. */
  sha256?: string;
  crc64nvme?: string;
  /** When its manifest was written, immediately before its bundle was published; ISO 8601. */
  deliveredAt?: string;
  /** What the consumer did with the bundle; `gone` if the bucket no longer shows it. */
  consumer?: 'waiting' | 'taken' | 'gone';
  /** When it was on the consumer's disk, from the receipt of its bundle; ISO 8601. Replays have receipts of their own. */
  onDiskAt?: string;
  /** Why it is quarantined or unknown, or why its bundle's receipt cannot be read. */
  detail?: string;
}

export type FindDependencies = Pick<
  Connection,
  'clock' | 'random' | 'store' | 'listing' | 'table' | 'publications' | 'resources' | 'maxConcurrentReads'
>;

/**
 * Finds the versions of a key: in the manifests of a time range, if one is given, and otherwise in the landing bucket
 * and the ledger, which go back some weeks.
 *
 * @throws CallError, ManifestError
 */
export async function find(
  key: string,
  range: BundleRange | undefined,
  dependencies: FindDependencies,
): Promise<Sighting[]> {
  const { landing, archive } = dependencies.resources.buckets;
  if (range) {
    const sightings: Sighting[] = [];
    for await (const holding of bundlesContaining(key, range, { ...dependencies, archive })) {
      const { bundle, member, manifestStoredAt } = holding;
      const sighting = await inBundle(bundle, member, manifestStoredAt, dependencies);
      sightings.push(await unlessUnpublished(sighting, bundle, dependencies));
    }
    return sightings;
  }
  const versions = await versionsOfKey(landing, key, dependencies);
  const found = await objectStatuses(versions, dependencies);
  return Promise.all(
    versions.map(async (version, index) => {
      const { versionId } = version.version;
      const where = found[index] as ObjectStatus;
      const id = objectIdOf(version);
      const base = { versionId, object: id, landedAt: new Date(version.landedAt).toISOString() };
      if (versionId === NO_VERSION) return { ...base, where: 'unknown', detail: UNVERSIONED };
      if (where.kind !== 'delivered') return { ...base, ...notInBundle(where) };
      const manifest = await readManifest(where.bundle, archive, dependencies);
      const member = manifest?.members.find((one) => objectIdOf(one) === id);
      return manifest && member
        ? inBundle(where.bundle, member, manifest.bundle.createdAt, dependencies)
        : { ...base, ...notInBundle(where), bundle: where.bundle };
    }),
  );
}

const UNVERSIONED = 'it has no version id, so the ledger cannot be asked; search the manifests of its time';

/** A manifest is stored before its bundle, so it alone does not prove that its members were delivered. */
async function unlessUnpublished(
  sighting: Sighting,
  bundle: string,
  dependencies: FindDependencies,
): Promise<Sighting> {
  const { store, resources } = dependencies;
  const hasReceipt = sighting.onDiskAt !== undefined || sighting.detail !== undefined;
  if (sighting.consumer !== 'gone' || hasReceipt) return sighting;
  const replica = await withRetries(() => store.head(resources.buckets.archive, bundle), dependencies);
  if (replica.kind === 'present') return sighting;
  const { deliveredAt: _, consumer: __, ...rest } = sighting;
  return {
    ...rest,
    where: 'unknown',
    detail: 'its bundle is in neither bucket: never published, or expired',
  };
}

function notInBundle(where: ObjectStatus): Pick<Sighting, 'where' | 'bundle' | 'detail'> {
  switch (where.kind) {
    case 'delivered':
      return { where: 'delivered', detail: 'its manifest is not in the archive' };
    case 'busy':
      return { where: 'being-worked-on', bundle: where.bundle };
    case 'quarantined':
      return { where: 'quarantined', detail: where.reason };
    case 'nowhere':
      return { where: 'nowhere' };
    case 'unknown':
      return { where: 'unknown', bundle: where.bundle, detail: String(where.cause) };
  }
}

async function inBundle(
  bundle: string,
  member: ManifestMember,
  createdAt: number,
  dependencies: FindDependencies,
): Promise<Sighting> {
  const { store, resources } = dependencies;
  const group = groupOfBundle(bundle);
  const { landedAt, name, size, sha256, crc64nvme } = member;
  const state = await withRetries(() => store.head(resources.buckets.distribution, bundle), dependencies);
  const consumer = ({ present: 'waiting', deleted: 'taken', absent: 'gone' } as const)[state.kind];
  const disk = await onDisk(bundle, dependencies);
  return {
    versionId: versionTextOf(member),
    object: objectIdOf(member),
    landedAt: new Date(landedAt).toISOString(),
    where: 'delivered',
    bundle,
    ...(group !== undefined && { group }),
    name,
    size,
    ...(sha256 !== undefined && { sha256 }),
    ...(crc64nvme !== undefined && { crc64nvme }),
    deliveredAt: new Date(createdAt).toISOString(),
    consumer,
    ...disk,
  };
}

async function onDisk(
  bundle: string,
  dependencies: FindDependencies,
): Promise<Pick<Sighting, 'onDiskAt' | 'detail'>> {
  try {
    const stored = await readReceipt(bundle, dependencies.resources.buckets.archive, dependencies);
    return stored === undefined ? {} : { onDiskAt: new Date(stored.onDiskAt).toISOString() };
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    return { detail: error.message };
  }
}
