import type { BundleFormat, Manifest } from '@data-aggregator/shared-processing/manifest';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import type { BuiltMember } from './build.ts';

/**
 * What a bundle's manifest says.
 *
 * @param members in the order of the tar
 * @param createdAt ms since the epoch
 */
export function manifestOf(
  bundle: StoredObject,
  format: BundleFormat,
  members: readonly BuiltMember[],
  createdAt: number,
): Manifest {
  const { bucket, key, size, sha256 } = bundle;
  return {
    bundle: { bucket, key, size, sha256, format, createdAt },
    members: members.map(({ candidate, name, size, sha256, lastModified }) => {
      const { bucket, key, version, etag, landedAt } = candidate.landed;
      return { bucket, key, version, etag, name, size, sha256, lastModified, landedAt };
    }),
  };
}
