import { type RetryRules, withRetries } from '../retry/index.ts';
import type { ListedVersion, ObjectListing, VersionMarker } from './object-listing.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';

/** A version that is still in its bucket. */
export interface RetainedVersion extends ObjectVersion, Pick<ListedVersion, 'size' | 'etag'> {
  version: { kind: 'id'; versionId: string };
  /** ms since the epoch, whole seconds. */
  landedAt: number;
}

/** Lists the versions of a key in a bucket, newest first, without delete markers. @throws CallError */
export async function versionsOfKey(
  bucket: string,
  key: string,
  dependencies: RetryRules & { listing: Pick<ObjectListing, 'versions'> },
): Promise<RetainedVersion[]> {
  const { listing } = dependencies;
  const found: RetainedVersion[] = [];
  let after: VersionMarker | undefined;
  do {
    const start = { bucket, prefix: key, after };
    const page = await withRetries(() => listing.versions(start), dependencies);
    for (const { key: listed, versionId, size, etag, lastModified } of page.versions) {
      // Of all keys with this prefix, the key itself is listed first.
      if (listed !== key) return found;
      found.push({ bucket, key, version: { kind: 'id', versionId }, size, etag, landedAt: lastModified });
    }
    after = page.next;
  } while (after?.key === key);
  return found;
}
