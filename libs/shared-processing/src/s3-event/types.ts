/** One version of one object: the unit that is delivered exactly once. */
export interface ObjectVersion {
  bucket: string;
  /** The key as S3 knows it: decoded once from the notification. */
  key: string;
  version: { kind: 'id'; versionId: string } | { kind: 'sequencer'; sequencer: string; etag: string };
}

/** What a notification says of a landed object version. */
export interface LandedObject extends ObjectVersion {
  /** Size in bytes, as notified. */
  size: number;
  /** ETag without quotes. */
  etag: string;
  /** When S3 took the object, ms since the epoch. */
  landedAt: number;
  /** The S3 event record as it arrived, for dead letters. */
  record: unknown;
}
