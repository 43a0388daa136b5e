import type { Readable } from 'node:stream';
import type { StoredChecksum } from '../checksum/index.ts';

/** The object, version and first byte to get. */
export interface ObjectRequest {
  bucket: string;
  key: string;
  versionId?: string;
  /** Only if the object still has this ETag (without quotes). */
  ifMatch?: string;
  /** First byte to get; 0 by default. */
  from?: number;
}

/**
 * A response with an object. Consume or destroy its body, otherwise its connection stays in use. A chunk is valid until
 * the next one is requested.
 */
export interface ReceivedObject {
  /** Bytes of the whole object, also if only a part was requested. */
  size: number;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
  /** By which a whole body can be verified; undefined if there is none, or only a part was requested. */
  checksum: StoredChecksum | undefined;
  body: AsyncIterable<Uint8Array> & { destroy(): void };
}

export interface StoredObject {
  bucket: string;
  key: string;
  size: number;
  /** Opens the bytes; called once per attempt. */
  open: () => Readable | Uint8Array;
  contentType: string;
  /** SHA-256 of the bytes, hex. S3 refuses the object if it receives other bytes. */
  sha256: string;
  metadata?: Record<string, string>;
  /** Only if no current object has the key. A delete marker counts as none. */
  onlyIfAbsent?: boolean;
}

/**
 * The state of a key. `deleted` means that the latest version is a delete marker, so there was an object.
 */
export type KeyState =
  | { kind: 'present'; metadata: Record<string, string> }
  | { kind: 'deleted' }
  | { kind: 'absent' };

/**
 * The operations on S3 that functions use. Every call is one attempt and throws CallError; the caller knows whether it may be
 * retried.
 */
export interface ObjectStore {
  get(request: ObjectRequest, signal?: AbortSignal): Promise<ReceivedObject>;
  put(object: StoredObject, signal?: AbortSignal): Promise<void>;
  head(bucket: string, key: string, signal?: AbortSignal): Promise<KeyState>;
}
