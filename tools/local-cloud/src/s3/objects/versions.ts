import type { Bucket, DeleteMarker, ObjectVersion, Version } from '../model.ts';
import { newVersionId, NULL_VERSION } from './sequence.ts';

/*
 * What writing and deleting does to the versions of one key. All of it is synchronous, so that a condition checked in
 * the same turn still holds at the moment of the change.
 */

/** The newest version of a key, which may be a delete marker. */
export function latestVersion(bucket: Bucket, key: string): Version | undefined {
  return bucket.versions.get(key)?.[0];
}

/** The object that a GET without a version id would answer with. */
export function currentObject(bucket: Bucket, key: string): ObjectVersion | undefined {
  const latest = latestVersion(bucket, key);
  return latest?.kind === 'object' ? latest : undefined;
}

export function findVersion(bucket: Bucket, key: string, versionId: string): Version | undefined {
  return bucket.versions.get(key)?.find((version) => version.versionId === versionId);
}

/** Adds a version under an id as the bucket's versioning demands; a null version takes the old one's place. */
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

/** Adds a version that keeps the id and the age it had elsewhere. */
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

/** A DELETE without a version id: a marker where the bucket has versions, else the object itself goes. */
export function deleteLatest(
  bucket: Bucket,
  marker: Pick<DeleteMarker, 'key' | 'sequence' | 'lastModified'>,
): Deletion {
  if (bucket.versioning === 'Unversioned') return deleteVersion(bucket, marker.key, NULL_VERSION);
  const { added, displaced } = addVersion<DeleteMarker>(bucket, { kind: 'delete-marker', ...marker });
  return { kind: 'marked', marker: added, displaced };
}

/** A DELETE with a version id: that version goes for good, be it an object or a delete marker. */
export function deleteVersion(bucket: Bucket, key: string, versionId: string): Deletion {
  const version = findVersion(bucket, key, versionId);
  if (version === undefined) return { kind: 'nothing' };
  replaceVersions(bucket, key, (versions) => versions.filter((other) => other !== version));
  return { kind: 'removed', version };
}

/** Puts a changed version (its tags, its restore) in the place of the one it was made from. */
export function replaceVersion(bucket: Bucket, old: ObjectVersion, changed: ObjectVersion): void {
  replaceVersions(bucket, old.key, (versions) => versions.map((other) => (other === old ? changed : other)));
}

function replaceVersions(bucket: Bucket, key: string, change: (old: readonly Version[]) => Version[]): void {
  const versions = change(bucket.versions.get(key) ?? []);
  if (versions.length === 0) bucket.versions.delete(key);
  else bucket.versions.set(key, versions);
}
