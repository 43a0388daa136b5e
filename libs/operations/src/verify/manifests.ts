import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '@data-aggregator/shared-processing/archive';
import { type Manifest, manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import type { Connection } from '../connection/connect.ts';
import { exit, OpsError } from '../errors/index.ts';

/** Finds the manifest of a bundle by the key under which it was first published. Undefined if there is none. */
export type FindManifest = (bundle: string) => Promise<Manifest | undefined>;

/**
 * Reads manifests from a folder: under their archive keys, or as `<file name of the bundle>.json`.
 *
 * @throws OpsError if there is no such folder; the result throws ManifestError
 */
export function manifestsInFolder(folder: string): FindManifest {
  if (!existsSync(folder)) throw new OpsError(`There is no folder ${folder}.`, exit.usage);
  return async (bundle) => {
    const name = bundle.split('/').at(-1) ?? '';
    const file = [manifestKey(bundle), `${name}.json`].map((path) => join(folder, path)).find(existsSync);
    return file === undefined ? undefined : parseManifest(readFileSync(file), file);
  };
}

/** Reads manifests from the archive. The result throws ManifestError and CallError. */
export function manifestsInArchive(
  connection: () => Promise<Pick<Connection, 'store' | 'resources' | 'clock' | 'random'>>,
): FindManifest {
  return async (bundle) => {
    const cloud = await connection();
    return readManifest(bundle, cloud.resources.buckets.archive, cloud);
  };
}
