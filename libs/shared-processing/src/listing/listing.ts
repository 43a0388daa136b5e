/** A current object, as a listing tells of it. */
export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
}

/** A version that holds bytes; delete markers are left out. */
export interface ListedVersion extends ListedObject {
  /** `null` for a version from before the bucket kept versions, or in one that keeps none. */
  versionId: string;
  /** ETag without quotes. */
  etag: string;
}

/** The last version of a page; the next page begins behind it. */
export interface VersionMarker {
  key: string;
  versionId: string;
}

/** Where a listing begins: keys that begin so, behind this place. */
export interface ListingStart<Place> {
  bucket: string;
  prefix?: string;
  after?: Place | undefined;
}

/**
 * What S3 lists, a page of at most 1,000 at a time, by the UTF-8 bytes of keys and newest version first. A page's
 * `next` is a place that can be kept and gone on from at any later time; undefined at the end. Every call is one
 * attempt, and throws CallError.
 */
export interface ObjectListing {
  objects(
    start: ListingStart<string>,
    signal?: AbortSignal,
  ): Promise<{ objects: ListedObject[]; next: string | undefined }>;
  versions(
    start: ListingStart<VersionMarker>,
    signal?: AbortSignal,
  ): Promise<{ versions: ListedVersion[]; next: VersionMarker | undefined }>;
}
