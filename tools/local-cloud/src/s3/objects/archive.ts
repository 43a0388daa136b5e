import { S3Error } from '../errors.ts';
import type { ObjectVersion } from '../model.ts';

/** Whether an object must be restored before it can be read. */
export function isArchived(object: ObjectVersion): boolean {
  return object.storageClass === 'GLACIER' || object.storageClass === 'DEEP_ARCHIVE';
}

export type RestoreState = 'none' | 'ongoing' | 'restored';

/** @param now milliseconds since 1970 */
export function restoreState({ restore }: ObjectVersion, now: number): RestoreState {
  if (restore === undefined || now >= restore.expiresAt) return 'none';
  return now < restore.readyAt ? 'ongoing' : 'restored';
}

/** The `x-amz-restore` header of an object; undefined if no restore was requested or the copy has expired. */
export function restoreHeader(object: ObjectVersion, now: number): string | undefined {
  const state = restoreState(object, now);
  if (state === 'none' || object.restore === undefined) return undefined;
  if (state === 'ongoing') return 'ongoing-request="true"';
  return `ongoing-request="false", expiry-date="${new Date(object.restore.expiresAt).toUTCString()}"`;
}

/** @throws S3Error InvalidObjectState if the object is archived and not restored */
export function checkReadable(object: ObjectVersion, now: number): void {
  if (!isArchived(object) || restoreState(object, now) === 'restored') return;
  throw new S3Error('InvalidObjectState', { details: { StorageClass: object.storageClass } });
}
