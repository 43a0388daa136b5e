import type { Bucket, DeleteMarker, ObjectVersion, Version } from '../model.ts';
import { newVersionId, NULL_VERSION } from './sequence.ts';

/*
 * Changes to the versions of one key by writes and deletes. All functions are synchronous, so that a condition checked
 * in the same turn still holds when the change is made.
 */

/** The newest version of a key, possibly a delete marker. */
export function latestVersion(bucket: Bucket, key: string): Version | undefined {
  return bucket.versions.get(key)?.[0];
}

/** The object that a GET without version id returns. */
export function currentObject(bucket: Bucket, key: string): ObjectVersion | undefined {
  const latest = latestVersion(bucket, key);
  return latest?.kind === 'object' ? latest : undefined;
}

export function findVersion(bucket: Bucket, key: string, versionId: string): Version | undefined {
  return bucket.versions.get(key)?.find((version) => version.versionId === versionId);
}

/** Adds a version with an id that depends on the bucket's versioning. A null version replaces the previous one. */
export function addVersion<V extends Version>(
  bucket: Bucket,
  version: Omit<V, 'versionId'> & { key: string; sequence: number },
): { added: V; displaced: Version | undefined } {
  const versionId = bucket.versioning === 'Enabled' ? newVersionId(version.sequence) : NULL_VERSION;
  const added = { ...version, versionId } as V;
  const older = bucket.versions.get(version.key) ?? [];
  const displaced = older.find((other) => other.versionId === versionId);
  bucket.versions.set(version.key, [added, ...older.filter((other) => other !== displaced)]);
  return { added, displaced };
}

/** Adds a version with the id and age that it has elsewhere. */
export function insertVersion(bucket: Bucket, version: Version): void {
  const others = bucket.versions.get(version.key) ?? [];
  bucket.versions.set(
    version.key,
    [...others, version].sort((a, b) => b.sequence - a.sequence),
  );
}

export type Deletion =
  | { kind: 'nothing' }
  | { kind: 'removed'; version: Version }
  | { kind: 'marked'; marker: DeleteMarker; displaced: Version | undefined };

/** DELETE without version id: adds a delete marker if the bucket has versions, otherwise removes the object. */
export function deleteLatest(
  bucket: Bucket,
  marker: Pick<DeleteMarker, 'key' | 'sequence' | 'lastModified'>,
): Deletion {
  if (bucket.versioning === 'Unversioned') return deleteVersion(bucket, marker.key, NULL_VERSION);
  const { added, displaced } = addVersion<DeleteMarker>(bucket, { kind: 'delete-marker', ...marker });
  return { kind: 'marked', marker: added, displaced };
}

/** DELETE with version id: permanently removes that version, whether object or delete marker. */
export function deleteVersion(bucket: Bucket, key: string, versionId: string): Deletion {
  const version = findVersion(bucket, key, versionId);
  if (version === undefined) return { kind: 'nothing' };
  replaceVersions(bucket, key, (versions) => versions.filter((other) => other !== version));
  return { kind: 'removed', version };
}

/** Replaces a version by a modified copy (tags, restore). */
export function replaceVersion(bucket: Bucket, old: ObjectVersion, changed: ObjectVersion): void {
  replaceVersions(bucket, old.key, (versions) => versions.map((other) => (other === old ? changed : other)));
}

function replaceVersions(bucket: Bucket, key: string, change: (old: readonly Version[]) => Version[]): void {
  const versions = change(bucket.versions.get(key) ?? []);
  if (versions.length === 0) bucket.versions.delete(key);
  else bucket.versions.set(key, versions);
}
