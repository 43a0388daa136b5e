import * as v from 'valibot';
import { MAX_KEY_BYTES } from './key-encoding.ts';
import { etag, hasIdentity, sequencer, size, text, time, versionId, versionOf } from './object-fields.ts';

/** The key as it is: EventBridge events do not encode it, so `+` is a plus and `%20` are three characters. */
const key = v.pipe(
  text,
  v.check(
    (literal) => literal.isWellFormed() && Buffer.byteLength(literal) <= MAX_KEY_BYTES,
    'is not a key of at most 1,024 bytes of UTF-8',
  ),
);

/** Distinguishes an EventBridge event from the other forms. */
export const eventBridgeHeader = v.object({ 'detail-type': v.string(), detail: v.unknown() });

/** An event that S3 sent itself; CloudTrail's events about S3 have the same source. */
export const fromS3 = v.object({ source: v.literal('aws.s3', 'is another source than S3') });

/**
 * The part of an EventBridge event of S3 that identifies the object version. Other fields are ignored; a new major version
 * of the format is rejected.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
const eventWith = (sizeField: typeof size | v.NullishSchema<typeof size, 0>) =>
  v.pipe(
    v.object({
      time,
      detail: v.object({
        'event-version': v.optional(v.pipe(v.string(), v.regex(/^1\./, 'is another format than 1.x')), '1.0'),
        bucket: v.object({ name: text }),
        object: v.object({ key, size: sizeField, etag, 'version-id': versionId, sequencer }),
      }),
    }),
    v.check(
      ({ detail: { object } }) => hasIdentity({ ...object, versionId: object['version-id'] }),
      'has neither a version-id nor a sequencer',
    ),
    v.transform(({ time: landedAt, detail: { bucket, object } }) => ({
      bucket: bucket.name,
      key: object.key,
      version: versionOf({ ...object, versionId: object['version-id'] }),
      size: object.size,
      etag: object.etag,
      landedAt,
    })),
  );

/** Parses an `Object Created` event to the object's version, size and time. */
export const createdEvent = eventWith(size);

/** Parses an `Object Restore Completed` event; see `restoredRecord`. */
export const restoredEvent = eventWith(v.nullish(size, 0));
