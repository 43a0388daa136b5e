import * as v from 'valibot';
import { decodeKey } from './key-encoding.ts';
import type { ObjectVersion } from './object-version.ts';

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));

/**
 * Maximum length of a version id. Version id and ETag become part of a request, so they must be valid in a URL and a header.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html version ids are Unicode of at
 *   most 1,024 bytes
 */
const MAX_VERSION_ID_BYTES = 1024;

/** S3 and compatible services express "no version id" as an empty text, `null` or `"null"`. */
const versionId = v.pipe(
  v.nullish(v.string(), ''),
  v.check(
    (id) => id.isWellFormed() && Buffer.byteLength(id) <= MAX_VERSION_ID_BYTES,
    'is not Unicode text of at most 1,024 bytes',
  ),
  v.transform((id) => (id === 'null' ? '' : id)),
);

const etag = v.pipe(
  text,
  v.transform((quoted) => quoted.replace(/^"(.*)"$/, '$1')),
  v.regex(/^[\x21\x23-\x7e]*$/, 'is not printable ASCII without spaces and quotes'),
  v.nonEmpty('must not be empty'),
);

/** Sequencers identify versions in the ledger, so two different ones must never be equal there. */
const sequencer = v.pipe(
  v.nullish(v.string(), ''),
  v.regex(/^[0-9A-Fa-f]{0,1024}$/, 'is not a hexadecimal number'),
);

const key = v.pipe(
  text,
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    const decoded = decodeKey(dataset.value);
    if (decoded === undefined) {
      addIssue({ message: 'is not a form-encoded key of at most 1,024 bytes of UTF-8' });
      return NEVER;
    }
    return decoded;
  }),
);

/**
 * The part of an S3 event record that identifies the object version, as S3 documents it. Other fields are ignored; a new
 * major version of the format is rejected.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const record = v.object({
  eventSource: v.optional(v.literal('aws:s3', 'is another source than S3'), 'aws:s3'),
  eventVersion: v.optional(v.pipe(v.string(), v.regex(/^2\./, 'is another format than 2.x')), '2.1'),
  eventName: v.pipe(v.string(), v.startsWith('ObjectCreated:', 'is not of a created object')),
  eventTime: v.pipe(
    v.string(),
    v.isoTimestamp('is not an ISO 8601 time'),
    v.transform(Date.parse),
    v.number('is not a time'),
  ),
  s3: v.object({
    bucket: v.object({ name: text }),
    object: v.object({
      key,
      size: v.pipe(v.number(), v.safeInteger('is not a whole number of bytes'), v.minValue(0, 'is negative')),
      eTag: etag,
      versionId,
      sequencer,
    }),
  }),
});

/** Parses a record of a created object to its version, size and event time. */
export const recordSchema = v.pipe(
  record,
  v.check(
    ({ s3: { object } }) => object.versionId !== '' || object.sequencer !== '',
    'has neither a versionId nor a sequencer',
  ),
  v.transform(({ eventTime, s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: object.key,
    version: versionOf(object),
    size: object.size,
    etag: object.eTag,
    landedAt: eventTime,
  })),
);

function versionOf(object: { versionId: string; sequencer: string; eTag: string }): ObjectVersion['version'] {
  return object.versionId === ''
    ? { kind: 'sequencer', sequencer: object.sequencer, etag: object.eTag }
    : { kind: 'id', versionId: object.versionId };
}
