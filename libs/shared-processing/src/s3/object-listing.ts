import {
  type _Object,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { toCallError } from '../errors/index.ts';
import { decodeKey } from '../s3-event/key-encoding.ts';

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

/** Keys may hold what XML cannot, so S3 is asked to encode them. */
const ENCODED = { EncodingType: 'url' } as const;

/** Listing over the AWS SDK. */
export function createObjectListing(client: S3Client): ObjectListing {
  return {
    async objects({ bucket, prefix, after }, signal) {
      const command = new ListObjectsV2Command({
        ...ENCODED,
        Bucket: bucket,
        Prefix: prefix,
        StartAfter: after,
      });
      const answer = await client
        .send(command, signal && { abortSignal: signal })
        .catch(asCallError(`LIST ${bucket}`));
      const objects = (answer.Contents ?? []).map((listed) => listedObject(listed, bucket));
      return { objects, next: answer.IsTruncated === true ? objects.at(-1)?.key : undefined };
    },

    async versions({ bucket, prefix, after }, signal) {
      const command = new ListObjectVersionsCommand({
        ...ENCODED,
        Bucket: bucket,
        Prefix: prefix,
        KeyMarker: after?.key,
        VersionIdMarker: after?.versionId,
      });
      const answer = await client
        .send(command, signal && { abortSignal: signal })
        .catch(asCallError(`LIST versions of ${bucket}`));
      const versions = (answer.Versions ?? []).map((listed) => ({
        ...listedObject(listed, bucket),
        versionId: listed.VersionId ?? 'null',
        etag: (listed.ETag ?? '').replace(/^"(.*)"$/, '$1'),
      }));
      const next =
        answer.IsTruncated === true
          ? { key: keyOf(answer.NextKeyMarker, bucket), versionId: answer.NextVersionIdMarker ?? 'null' }
          : undefined;
      return { versions, next };
    },
  };
}

function listedObject(listed: Pick<_Object, 'Key' | 'Size' | 'LastModified'>, bucket: string): ListedObject {
  return {
    key: keyOf(listed.Key, bucket),
    size: listed.Size ?? 0,
    lastModified: listed.LastModified?.getTime() ?? 0,
  };
}

/** @throws Error; going on behind a key that is not understood would pass over others */
function keyOf(encoded: string | undefined, bucket: string): string {
  const key = encoded === undefined ? undefined : decodeKey(encoded);
  if (key === undefined) throw new Error(`S3 lists a key of ${bucket} that cannot be decoded: ${encoded}`);
  return key;
}

function asCallError(what: string) {
  return (error: unknown): never => {
    throw toCallError(what, error);
  };
}
