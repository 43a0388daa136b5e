import type { Blob } from './objects/blobs.ts';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './objects/checksums.ts';
import type { KeyIndex } from './buckets/key-index.ts';
import type { NotificationRule } from './buckets/notifications.ts';

/** An object's metadata, from the request that created it. */
export interface ObjectDescription {
  /** Headers stored and returned unchanged: Content-Type, Content-Encoding, Cache-Control and similar. */
  headers: Readonly<Record<string, string>>;
  /** User metadata; names in lower case without `x-amz-meta-`. */
  metadata: Readonly<Record<string, string>>;
  storageClass: StorageClass;
  tags: ReadonlyMap<string, string>;
}

interface VersionBase {
  key: string;
  versionId: string;
  /** Position in the order of all changes. */
  sequence: number;
  /** Milliseconds since 1970, in whole seconds. */
  lastModified: number;
}

export interface ObjectVersion extends VersionBase, ObjectDescription {
  kind: 'object';
  blob: Blob;
  /** With quotes. */
  etag: string;
  checksum: Checksum | undefined;
  /** In order; only if the object was created by a multipart upload. */
  parts?: readonly ObjectPart[];
  restore: Restore | undefined;
  /** COMPLETED: has been replicated. REPLICA: is a replica. */
  replication: 'COMPLETED' | 'REPLICA' | undefined;
}

/** A part of an object, after its upload is completed. */
export interface ObjectPart {
  /** Its part number. */
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
  /** Later uploads have greater ids, so a listing by id is a listing by age. */
  id: string;
  key: string;
  /** Milliseconds since 1970, in whole seconds. */
  initiated: number;
  parts: Map<number, Part>;
  /** While it is completed, no other request may change it. */
  isCompleting: boolean;
  checksum: { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined;
}

export interface Part {
  blob: Blob;
  /** 16 bytes: the MD5 of an uploaded part; see `digestsOfCopy` for a copied one. */
  tag: Buffer;
  /** Milliseconds since 1970, in whole seconds. */
  lastModified: number;
  checksum: Checksum | undefined;
}

export interface Bucket {
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  versioning: Versioning;
  /** Set by the last PutBucketVersioning; undefined if there was none. */
  mfaDelete?: 'Disabled';
  notifications: readonly NotificationRule[];
  tags: ReadonlyMap<string, string>;
  /** Whether all events go to EventBridge, in addition to those that match the rules. */
  toEventBridge: boolean;
  /** Versions of each key, newest first; lists are never empty. */
  versions: KeyIndex<readonly Version[]>;
  uploads: Map<string, Upload>;
}
