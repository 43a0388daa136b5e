import * as v from 'valibot';
import type { ObjectVersion } from './object-version.ts';

/*
 * The fields that identify an object version, as every form of notification has them. Version id and ETag become part of a
 * request, so they must be valid in a URL and a header.
 */

export const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));

/**
 * Maximum length of a version id.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html version ids are Unicode of at
 *   most 1,024 bytes
 */
const MAX_VERSION_ID_BYTES = 1024;

/** S3 and compatible services express "no version id" as an empty text, `null` or `"null"`. */
export const versionId = v.pipe(
  v.nullish(v.string(), ''),
  v.check(
    (id) => id.isWellFormed() && Buffer.byteLength(id) <= MAX_VERSION_ID_BYTES,
    'is not Unicode text of at most 1,024 bytes',
  ),
  v.transform((id) => (id === 'null' ? '' : id)),
);

/** Without quotes. */
export const etag = v.pipe(
  text,
  v.transform((quoted) => quoted.replace(/^"(.*)"$/, '$1')),
  v.regex(/^[\x21\x23-\x7e]*$/, 'is not printable ASCII without spaces and quotes'),
  v.nonEmpty('must not be empty'),
);

/**
 * Sequencers identify versions in the ledger, so two different ones must never be equal there, and one must not differ
 * between forms of notification: S3 writes it in upper case, EventBridge's documentation in lower case.
 */
export const sequencer = v.pipe(
  v.nullish(v.string(), ''),
  v.regex(/^[0-9A-Fa-f]{0,1024}$/, 'is not a hexadecimal number'),
  v.toUpperCase(),
);

/** Bytes. */
export const size = v.pipe(
  v.number(),
  v.safeInteger('is not a whole number of bytes'),
  v.minValue(0, 'is negative'),
);

/** ms since the epoch. */
export const time = v.pipe(
  v.string(),
  v.isoTimestamp('is not an ISO 8601 time'),
  v.transform(Date.parse),
  v.number('is not a time'),
);

interface Identity {
  versionId: string;
  sequencer: string;
  etag: string;
}

/** Whether a notification says which version of the object it is about. */
export function hasIdentity({ versionId, sequencer }: Pick<Identity, 'versionId' | 'sequencer'>): boolean {
  return versionId !== '' || sequencer !== '';
}

/** The version, by its id or, in a bucket without versions, by its sequencer. */
export function versionOf({ versionId, sequencer, etag }: Identity): ObjectVersion['version'] {
  return versionId === '' ? { kind: 'sequencer', sequencer, etag } : { kind: 'id', versionId };
}
