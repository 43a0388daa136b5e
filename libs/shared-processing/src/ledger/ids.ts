import { createHash } from 'node:crypto';
import { identityOf, type ObjectVersion } from '../s3-event/object-version.ts';

/** Bytes of an id: half a SHA-256, so that two object versions never share one by chance. */
const ID_BYTES = 16;

/**
 * The id of an object version in the ledger: equal where bucket, key and version are equal. 22 characters, so that a
 * claim stays under the 1 KB that one write unit pays for, however long the key is.
 */
export function objectIdOf(object: ObjectVersion): string {
  return createHash('sha256').update(identityOf(object)).digest().subarray(0, ID_BYTES).toString('base64url');
}

export const claimId = (objectId: string) => `claim#${objectId}`;
export const bundleId = (bundle: string) => `bundle#${bundle}`;
export const quarantineId = (objectId: string) => `quarantine#${objectId}`;

/** Packs ids into one value: 16 bytes per member keep the record of a large bundle small. */
export function packIds(ids: readonly string[]): Uint8Array {
  return Buffer.concat(ids.map((id) => Buffer.from(id, 'base64url')));
}

/** Unpacks ids, in their order. */
export function unpackIds(packed: Uint8Array): string[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: bytes.length / ID_BYTES }, (_, i) =>
    bytes.toString('base64url', i * ID_BYTES, (i + 1) * ID_BYTES),
  );
}
