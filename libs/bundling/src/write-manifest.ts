import { hash } from 'node:crypto';
import { type RetryRules, SystemFault, withRetries } from '@data-aggregator/shared-processing/calls';
import {
  type BundleFormat,
  type Manifest,
  manifestKey,
  serializeManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { BuiltMember } from './build.ts';

export interface WriteManifestDependencies extends RetryRules {
  store: ObjectStore;
  buckets: { archive: string };
  format: BundleFormat;
}

/**
 * Stores a bundle's manifest: exactly the members that are in the tar, before the tar can be seen.
 *
 * @throws SystemFault where the archive does not take it
 */
export async function writeManifest(
  bundle: StoredObject,
  members: readonly BuiltMember[],
  dependencies: WriteManifestDependencies,
): Promise<void> {
  const { store, buckets, clock, format } = dependencies;
  const body = Buffer.from(serializeManifest(manifestOf(bundle, format, members, clock.now())));
  const object: StoredObject = {
    bucket: buckets.archive,
    key: manifestKey(bundle.key),
    size: body.length,
    sha256: hash('sha256', body, 'hex'),
    open: () => body,
    contentType: 'application/json',
  };
  try {
    await withRetries(() => store.put(object), dependencies);
  } catch (cause) {
    throw new SystemFault('manifests cannot be stored', { cause });
  }
}

function manifestOf(
  bundle: StoredObject,
  format: BundleFormat,
  members: readonly BuiltMember[],
  createdAt: number,
): Manifest {
  const { bucket, key, size, sha256 } = bundle;
  return {
    bundle: { bucket, key, size, sha256, format, createdAt },
    members: members.map(({ candidate, name, size, sha256, verifiedBy, lastModified }) => {
      const { bucket, key, version, etag, landedAt } = candidate.landed;
      return { bucket, key, version, etag, name, size, sha256, verifiedBy, lastModified, landedAt };
    }),
  };
}
