import type { Readable } from 'node:stream';
import type { StoredChecksum } from '../checksum/index.ts';

/** Which bytes of which object. */
export interface ObjectRequest {
  bucket: string;
  key: string;
  versionId?: string;
  /** Only if the object still has this ETag (without quotes). */
  ifMatch?: string;
  /** First byte wanted; 0 where nothing is said. */
  from?: number;
}

/**
 * An object that is being received. Its body must be consumed or destroyed, else its connection stays taken. A chunk of it
 * is the taker's until it asks for the next.
 */
export interface ReceivedObject {
  /** Bytes of the whole object, also where only its end was asked for. */
  size: number;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
  /** What a whole body can be compared with; undefined if there is nothing, or only a part was asked for. */
  checksum: StoredChecksum | undefined;
  body: AsyncIterable<Uint8Array> & { destroy(): void };
}

export interface StoredObject {
  bucket: string;
  key: string;
  size: number;
  /** Opens the bytes; called once a try. */
  open: () => Readable | Uint8Array;
  contentType: string;
  /** SHA-256 of the bytes, hex: S3 refuses the object if it received others. */
  sha256: string;
  metadata?: Record<string, string>;
  /** Only if no current object has the key. A delete marker counts as none. */
  onlyIfAbsent?: boolean;
}

/**
 * What S3 says of a key: `deleted` is a 404 by a delete marker, that is: there was an object.
 */
export type KeyState =
  { kind: 'present'; metadata: Record<string, string> } | { kind: 'deleted' } | { kind: 'absent' };

/**
 * The few things that functions ask of S3. Every call is one attempt, and throws CallError; who calls it knows whether
 * it may be made again.
 */
export interface ObjectStore {
  get(request: ObjectRequest, signal?: AbortSignal): Promise<ReceivedObject>;
  put(object: StoredObject, signal?: AbortSignal): Promise<void>;
  head(bucket: string, key: string, signal?: AbortSignal): Promise<KeyState>;
}
