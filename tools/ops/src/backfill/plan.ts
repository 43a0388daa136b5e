import type { ListedVersion } from '@data-aggregator/shared-processing/s3';

/** The object versions to enqueue. */
export interface Plan {
  bucket: string;
  prefix: string;
  /** Landing times, ms since the epoch; `to` is excluded. */
  from: number;
  to: number;
  /** Only the current version of each key. By default every version, because the pipeline delivers every version. */
  currentOnly: boolean;
  /** The operator confirms that no version from before the oldest manifest was delivered. */
  neverDelivered: boolean;
  /** Also versions in an archive storage class, which can only be read after a restore. */
  includeArchived: boolean;
}

export function isPlanned({ from, to, currentOnly }: Plan, version: ListedVersion): boolean {
  return version.lastModified >= from && version.lastModified < to && (version.isLatest || !currentOnly);
}

/** Storage classes whose objects must be restored before they can be read. */
const ARCHIVE_CLASSES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether a version is left out because it could not be read. */
export function isLeftInArchive({ includeArchived }: Plan, { storageClass }: ListedVersion): boolean {
  return !includeArchived && ARCHIVE_CLASSES.has(storageClass);
}
