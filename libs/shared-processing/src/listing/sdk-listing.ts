import {
  type _Object,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { toCallError } from '../errors/index.ts';
import { decodeKey } from '../s3-event/key-encoding.ts';
import type { ListedObject, ObjectListing } from './listing.ts';

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
