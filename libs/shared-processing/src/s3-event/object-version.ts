/** One version of one object: the unit that is delivered exactly once. */
export interface ObjectVersion {
  bucket: string;
  /** The key as S3 knows it: decoded once from the notification. */
  key: string;
  version: { kind: 'id'; versionId: string } | { kind: 'sequencer'; sequencer: string; etag: string };
}

/** An object version as its notification describes it. */
export interface LandedObject extends ObjectVersion {
  /** Size in bytes, from the notification; 0 if that has none. */
  size: number;
  /** ETag without quotes. */
  etag: string;
  /** When S3 received or restored the object, ms since the epoch. */
  landedAt: number;
  /**
   * The original event with this object alone, for dead letters and new messages: an S3 event with one record, or an
   * EventBridge event. SNS's envelope is gone.
   */
  event: object;
}

/** What tells versions of a key apart: the version id, or the sequencer in a bucket without versions. */
export function versionTextOf({ version }: Pick<ObjectVersion, 'version'>): string {
  return version.kind === 'id' ? version.versionId : version.sequencer;
}

/**
 * A text that is equal for two object versions only if they are the same version of the same object. Use it in sets, maps
 * and hashes. It contains the key, so it can have a few kilobytes.
 */
export function identityOf({ bucket, key, version }: ObjectVersion): string {
  return JSON.stringify(
    version.kind === 'id'
      ? [bucket, key, 'id', version.versionId]
      : // The sequencer alone distinguishes versions of a key; the ETag is only for the conditional GET.
        [bucket, key, 'sequencer', version.sequencer],
  );
}
