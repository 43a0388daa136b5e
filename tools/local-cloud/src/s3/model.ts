import type { Blob } from './objects/blobs.ts';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './objects/checksums.ts';
import type { KeyIndex } from './buckets/key-index.ts';
import type { NotificationRule } from './buckets/notifications.ts';

/** What the bytes of an object are described by; kept from the request that made it. */
export interface ObjectDescription {
  /** Headers kept and sent back as they came: Content-Type, Content-Encoding, Cache-Control and their like. */
  headers: Readonly<Record<string, string>>;
  /** User metadata, names in lower case without `x-amz-meta-`. */
  metadata: Readonly<Record<string, string>>;
  storageClass: StorageClass;
  tags: ReadonlyMap<string, string>;
}

interface VersionBase {
  key: string;
  versionId: string;
  /** Place in the order of all changes. */
  sequence: number;
  /** Milliseconds since 1970, a whole second. */
  lastModified: number;
}

export interface ObjectVersion extends VersionBase, ObjectDescription {
  kind: 'object';
  blob: Blob;
  /** With its quotes. */
  etag: string;
  checksum: Checksum | undefined;
  /** In order, if the object was made by a multipart upload. */
  parts?: readonly ObjectPart[];
  restore: Restore | undefined;
  /** COMPLETED: it has been replicated. REPLICA: it is a replica. */
  replication: 'COMPLETED' | 'REPLICA' | undefined;
}

/** What remains known of a part once its upload is completed. */
export interface ObjectPart {
  /** The number it was uploaded with. */
  number: number;
  /** Bytes. */
  size: number;
  checksum: Checksum | undefined;
}

/** A temporary copy of an archived object. Milliseconds since 1970. */
export interface Restore {
  readyAt: number;
  expiresAt: number;
}

export interface DeleteMarker extends VersionBase {
  kind: 'delete-marker';
}

export type Version = ObjectVersion | DeleteMarker;

export const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;
export type StorageClass = (typeof storageClasses)[number];

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended';

export interface Upload extends ObjectDescription {
  /** Ids of later uploads are greater, so that a listing by id is one by age. */
  id: string;
  key: string;
  /** Milliseconds since 1970, a whole second. */
  initiated: number;
  parts: Map<number, Part>;
  checksum: { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined;
}

export interface Part {
  blob: Blob;
  md5: Buffer;
  /** Milliseconds since 1970, a whole second. */
  lastModified: number;
  checksum: Checksum | undefined;
}

export interface Bucket {
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  versioning: Versioning;
  /** As PutBucketVersioning last said; undefined if it never did. */
  mfaDelete?: 'Disabled';
  notifications: readonly NotificationRule[];
  /** Versions of each key, newest first; never an empty list. */
  versions: KeyIndex<readonly Version[]>;
  uploads: Map<string, Upload>;
}
