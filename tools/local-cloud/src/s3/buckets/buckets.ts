import { S3Error } from '../errors.ts';
import { createKeyIndex } from './key-index.ts';
import type { Bucket, Versioning } from '../model.ts';
import type { NotificationRule } from './notifications.ts';
import type { Service } from '../operation.ts';

export interface BucketSettings {
  name: string;
  versioning: boolean;
  /** Destinations of this bucket's events; an event is delivered with the rules that it matches. */
  notifications?: readonly NotificationRule[];
  /** Whether all events go to EventBridge; default: false. */
  toEventBridge?: boolean;
}

/** @throws S3Error InvalidBucketName, BucketAlreadyOwnedByYou */
export function addBucket({ buckets, clock }: Service, settings: BucketSettings): Bucket {
  const { name, versioning, notifications = [], toEventBridge = false } = settings;
  if (!isBucketName(name)) {
    throw new S3Error('InvalidBucketName', { details: { BucketName: name } });
  }
  if (buckets.has(name)) throw new S3Error('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  const state: Versioning = versioning ? 'Enabled' : 'Unversioned';
  const bucket: Bucket = {
    name,
    createdAt: clock(),
    versioning: state,
    notifications,
    tags: new Map(),
    toEventBridge,
    versions: createKeyIndex(),
    uploads: new Map(),
  };
  buckets.set(name, bucket);
  return bucket;
}

const RESERVED_STARTS = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const RESERVED_ENDS = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/**
 * Whether a bucket name is valid: 3 to 63 lower-case letters, digits, dots and hyphens; each label between dots begins
 * and ends with a letter or digit; no IP address; no reserved prefix or suffix.
 *
 * @see "General purpose bucket naming rules" in the Amazon S3 User Guide
 */
function isBucketName(name: string): boolean {
  return (
    /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name) &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !RESERVED_STARTS.some((start) => name.startsWith(start)) &&
    !RESERVED_ENDS.some((end) => name.endsWith(end))
  );
}

/** @throws S3Error NoSuchBucket, or BucketNotEmpty if a version or delete marker is left */
export function removeBucket({ buckets, blobs }: Service, name: string): void {
  const bucket = findBucket(buckets, name);
  if (bucket.versions.size() > 0) throw new S3Error('BucketNotEmpty', { details: { BucketName: name } });
  for (const upload of bucket.uploads.values()) {
    for (const part of upload.parts.values()) blobs.discard(part.blob);
  }
  buckets.delete(name);
}

/** @throws S3Error NoSuchBucket */
export function findBucket(buckets: Service['buckets'], name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) throw new S3Error('NoSuchBucket', { details: { BucketName: name } });
  return bucket;
}
