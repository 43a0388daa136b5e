import { hash } from 'node:crypto';
import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import {
  type BundleFormat,
  type Checksums,
  type Manifest,
  manifestKey,
  serializeManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { BuiltMember } from './build.ts';

/** What a manifest says about the bundle itself. */
export type DescribedBundle = { bucket: string; key: string; size: number } & Checksums;

export interface WriteManifestDependencies extends RetryRules {
  store: ObjectStore;
  buckets: { archive: string };
  format: BundleFormat;
}

/**
 * Stores a bundle's manifest, which lists exactly the members of the tar, before the tar is visible. The archive's policy
 * denies a PUT that could replace another manifest, so every PUT has the condition that the key is free.
 *
 * @param group the text of its group, if it has one
 * @throws SystemFault if the archive does not accept it
 */
export async function writeManifest(
  bundle: DescribedBundle,
  members: readonly BuiltMember[],
  group: string | undefined,
  dependencies: WriteManifestDependencies,
): Promise<void> {
  const { store, buckets, clock, format } = dependencies;
  const body = Buffer.from(serializeManifest(manifestOf(bundle, format, members, group, clock.now())));
  const sha256 = hash('sha256', body, 'hex');
  const manifest: StoredObject = {
    bucket: buckets.archive,
    key: manifestKey(bundle.key),
    size: body.length,
    sha256,
    open: () => body,
    contentType: 'application/json',
    metadata: { sha256 },
    onlyIfAbsent: true,
  };
  try {
    await withRetries(() => put(manifest, store), dependencies);
  } catch (cause) {
    throw new SystemFault('manifests cannot be stored', { cause });
  }
}

/** One attempt. If the key exists, an earlier attempt may have stored this manifest and its response was lost. */
async function put(manifest: StoredObject, store: ObjectStore): Promise<void> {
  try {
    await store.put(manifest);
  } catch (error) {
    if (!(error instanceof CallError) || error.code !== 'PreconditionFailed') throw error;
    const state = await store.head(manifest.bucket, manifest.key);
    if (state.kind !== 'present' || state.metadata['sha256'] !== manifest.sha256) throw error;
  }
}

function manifestOf(
  bundle: DescribedBundle,
  format: BundleFormat,
  members: readonly BuiltMember[],
  group: string | undefined,
  createdAt: number,
): Manifest {
  const { bucket, key, size } = bundle;
  return {
    bundle: {
      ...{ bucket, key, size, ...checksumsOf(bundle), format, createdAt },
      ...(group !== undefined && { group }),
    },
    members: members.map((member) => {
      const { candidate, name, size, verifiedBy, lastModified } = member;
      const { bucket, key, version, etag, landedAt } = candidate.landed;
      return {
        ...{ bucket, key, version, etag, name, size, verifiedBy, lastModified, landedAt },
        ...checksumsOf(member),
      };
    }),
  };
}

function checksumsOf({ sha256, crc64nvme }: Checksums): Checksums {
  if (sha256 === undefined) return { crc64nvme };
  return crc64nvme === undefined ? { sha256 } : { sha256, crc64nvme };
}
