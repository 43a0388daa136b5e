import {
  type _Object,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { toCallError } from '../errors/index.ts';
import { decodeKey } from '../s3-event/key-encoding.ts';

/** A current object in a listing. */
export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
}

/** A version in a listing. Delete markers are omitted. */
export interface ListedVersion extends ListedObject {
  /** `null` if the bucket was not versioned when the object was stored. */
  versionId: string;
  /** ETag without quotes. */
  etag: string;
  /** Whether it is the current version of its key. */
  isLatest: boolean;
  /** Such as `STANDARD` or `GLACIER`. */
  storageClass: string;
}

/** The last version of a page; the next page starts after it. */
export interface VersionMarker {
  key: string;
  versionId: string;
}

/** Where a page starts: after `after`, among the keys with the prefix. */
export interface ListingStart<Marker> {
  bucket: string;
  prefix?: string;
  after?: Marker | undefined;
}

/**
 * Lists a bucket in pages of at most 1,000 entries, in byte order of the keys and newest version first. `next` is the marker
 * for the following page and can be stored and used at any later time; undefined at the end. Every call is one attempt
 * and throws CallError.
 */
export interface ObjectListing {
  objects(
    start: ListingStart<string>,
    signal?: AbortSignal,
  ): Promise<{ objects: ListedObject[]; next: string | undefined }>;
  /** The folders directly below a prefix that ends in `/`, each as a prefix that ends in `/`. The marker is S3's own. */
  folders(
    start: ListingStart<string>,
    signal?: AbortSignal,
  ): Promise<{ folders: string[]; next: string | undefined }>;
  versions(
    start: ListingStart<VersionMarker>,
    signal?: AbortSignal,
  ): Promise<{ versions: ListedVersion[]; next: VersionMarker | undefined }>;
}

/** Keys may contain characters that XML cannot, so S3 must encode them. */
const ENCODED = { EncodingType: 'url' } as const;

/** Lists through the AWS SDK. */
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

    async folders({ bucket, prefix, after }, signal) {
      const command = new ListObjectsV2Command({
        ...ENCODED,
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        ContinuationToken: after,
      });
      const answer = await client
        .send(command, signal && { abortSignal: signal })
        .catch(asCallError(`LIST folders of ${bucket}`));
      const folders = (answer.CommonPrefixes ?? []).map(({ Prefix }) => keyOf(Prefix, bucket));
      return { folders, next: answer.NextContinuationToken };
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
        isLatest: listed.IsLatest === true,
        storageClass: listed.StorageClass ?? 'STANDARD',
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

/** @throws Error if a key cannot be decoded: continuing after it could skip others */
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
