import { encodeKey } from './key-encoding.ts';
import type { LandedObject } from './object-version.ts';

/** A landed object without its original event, as needed to requeue it. */
export type NotifiedObject = Omit<LandedObject, 'event'>;

/** An S3 event as S3 sends it to a queue. */
export interface S3Event {
  Records: S3EventRecord[];
}

/** The fields of an S3 event record that say which object version landed. */
export interface S3EventRecord {
  eventVersion: string;
  eventSource: 'aws:s3';
  eventTime: string;
  eventName: string;
  s3: {
    s3SchemaVersion: string;
    bucket: { name: string; arn: string };
    object: { key: string; size: number; eTag: string; versionId?: string; sequencer?: string };
  };
}

/**
 * Formats objects as an S3 event, an inverse of `parseEvent`, to requeue objects whose notification never led to a bundle. This
 * form serves every function, however it is notified.
 */
export function toS3Event(landed: readonly NotifiedObject[]): S3Event {
  return { Records: landed.map(formatS3Record) };
}

/** Formats one record of an S3 event. */
export function formatS3Record({
  bucket,
  key,
  version,
  size,
  etag,
  landedAt,
}: NotifiedObject): S3EventRecord {
  const identity =
    version.kind === 'id' ? { versionId: version.versionId } : { sequencer: version.sequencer };
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventTime: new Date(landedAt).toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: { key: encodeKey(key), size, eTag: etag, ...identity },
    },
  };
}
