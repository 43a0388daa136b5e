import { CallError } from '../errors/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import { type Manifest, manifestKey, parseManifest } from '../manifest/index.ts';
import { type ObjectStore, readBytes } from '../s3/index.ts';

/**
 * Reads the manifest of a bundle.
 *
 * @param archive name of the archive bucket
 * @returns undefined if there is none
 * @throws ManifestError, CallError
 */
export async function readManifest(
  bundle: string,
  archive: string,
  dependencies: RetryRules & { store: Pick<ObjectStore, 'get'> },
): Promise<Manifest | undefined> {
  const key = manifestKey(bundle);
  try {
    const content = await withRetries(() => readBytes(archive, key, dependencies.store), dependencies);
    return parseManifest(content, `${archive}/${key}`);
  } catch (error) {
    if (error instanceof CallError && error.code === 'NoSuchKey') return undefined;
    throw error;
  }
}
