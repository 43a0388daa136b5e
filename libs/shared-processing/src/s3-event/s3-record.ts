import * as v from 'valibot';
import { decodeKey } from './key-encoding.ts';
import { etag, hasIdentity, sequencer, size, text, time, versionId, versionOf } from './object-fields.ts';

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

/** Says which kind of event a record is, and that S3 sent it. */
export const s3RecordHeader = v.object({
  eventSource: v.optional(v.literal('aws:s3', 'is another source than S3'), 'aws:s3'),
  eventName: text,
});

/**
 * The part of an S3 event record that identifies the object version, as S3 documents it. Other fields are ignored; a new
 * major version of the format is rejected.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const recordWith = (sizeField: typeof size | v.NullishSchema<typeof size, 0>) =>
  v.pipe(
    v.object({
      ...s3RecordHeader.entries,
      eventVersion: v.optional(v.pipe(v.string(), v.regex(/^2\./, 'is another format than 2.x')), '2.1'),
      eventTime: time,
      s3: v.object({
        bucket: v.object({ name: text }),
        object: v.object({ key, size: sizeField, eTag: etag, versionId, sequencer }),
      }),
    }),
    v.check(({ s3: { object } }) => hasIdentity(object), 'has neither a versionId nor a sequencer'),
    v.transform(({ eventTime, s3: { bucket, object } }) => ({
      bucket: bucket.name,
      key: object.key,
      version: versionOf({ ...object, etag: object.eTag }),
      size: object.size,
      etag: object.eTag,
      landedAt: eventTime,
    })),
  );

/** Parses a record of a created object to its version, size and event time. */
export const createdRecord = recordWith(size);

/** Parses a record of a restored object. S3 documents its size, but not for which events; the reader asks S3 anyway. */
export const restoredRecord = recordWith(v.nullish(size, 0));
