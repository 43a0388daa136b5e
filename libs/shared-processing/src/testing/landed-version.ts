import type { ObjectVersion } from '../s3-event/object-version.ts';

/** An object version in the bucket `landing`. */
export function landedVersion(key: string, versionId = 'v1'): ObjectVersion {
  return { bucket: 'landing', key, version: { kind: 'id', versionId } };
}
