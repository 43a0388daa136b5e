import {
  type _Object,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CallError, toCallError } from '../errors/index.ts';
import { decodeKey } from '../s3-event/key-encoding.ts';

/** The version id that S3 lists for an object without one. The ledger knows it by the sequencer in its notification. */
export const NO_VERSION = 'null';

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
      const what = `LIST ${bucket}`;
      let token: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          ...ENCODED,
          Bucket: bucket,
          Prefix: prefix,
          StartAfter: after,
          ContinuationToken: token,
        });
        const answer = await client.send(command, signal && { abortSignal: signal }).catch(asCallError(what));
        const isTruncated = isMore(answer, what);
        const objects = (answer.Contents ?? []).map((listed) => listedObject(listed, bucket));
        if (!isTruncated || objects.length > 0) {
          return { objects, next: isTruncated ? objects.at(-1)?.key : undefined };
        }
        // A page need not have a key: of a versioned bucket, it may have covered only deleted ones.
        token = answer.NextContinuationToken;
      } while (token !== undefined);
      throw incomplete(what);
    },

    async folders({ bucket, prefix, after }, signal) {
      const command = new ListObjectsV2Command({
        ...ENCODED,
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        ContinuationToken: after,
      });
      const what = `LIST folders of ${bucket}`;
      const answer = await client.send(command, signal && { abortSignal: signal }).catch(asCallError(what));
      if (isMore(answer, what) && answer.NextContinuationToken === undefined) throw incomplete(what);
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
      const what = `LIST versions of ${bucket}`;
      const answer = await client.send(command, signal && { abortSignal: signal }).catch(asCallError(what));
      const versions = (answer.Versions ?? []).map((listed) => ({
        ...listedObject(listed, bucket),
        versionId: listed.VersionId ?? NO_VERSION,
        etag: (listed.ETag ?? '').replace(/^"(.*)"$/, '$1'),
        isLatest: listed.IsLatest === true,
        storageClass: listed.StorageClass ?? 'STANDARD',
      }));
      const next = isMore(answer, what)
        ? { key: keyOf(answer.NextKeyMarker, bucket), versionId: answer.NextVersionIdMarker ?? NO_VERSION }
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

/**
 * Whether more pages follow. S3 always says so; a response that does not is not S3's, and must not pass for an empty bucket.
 *
 * @throws CallError
 */
function isMore({ IsTruncated }: { IsTruncated?: boolean | undefined }, what: string): boolean {
  if (IsTruncated === undefined) throw incomplete(what);
  return IsTruncated;
}

function incomplete(what: string): CallError {
  const detail = 'it does not say whether and where the listing continues';
  return new CallError(what, { outcome: 'unknown', code: 'IncompleteResponse', detail });
}

function asCallError(what: string) {
  return (error: unknown): never => {
    throw toCallError(what, error);
  };
}
