import type { ObjectVersion } from './types.ts';

/**
 * One text for each object version: two are the same text only where they are the same version of the same object.
 * For sets, maps and hashes; it grows with the key, to a few kilobytes at most.
 */
export function identityOf({ bucket, key, version }: ObjectVersion): string {
  return JSON.stringify(
    version.kind === 'id'
      ? [bucket, key, 'id', version.versionId]
      : // The sequencer alone tells the versions of a key apart; the ETag rides along for the conditional GET.
        [bucket, key, 'sequencer', version.sequencer],
  );
}
