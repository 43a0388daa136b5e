import { existsSync } from 'node:fs';
import { measureFile, receiptsIn, type Services, type TarEntry } from '@data-aggregator/pipeline-client';
import { originalKey } from '@data-aggregator/shared-processing/bundle-key';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { ReadBundle } from './verdict.ts';

/** The bundles that the consumer has put on disk: their files, hashed, and their manifests from the archive. */
export async function bundlesOnDisk(inbox: string, services: Services): Promise<ReadBundle[]> {
  return mapConcurrently(await receiptsIn(inbox), 4, async ({ key, paths }): Promise<ReadBundle> => {
    const text = await services.archived(manifestKey(originalKey(key)));
    if (text === undefined) throw new Error(`${key} has no manifest`);
    const entries: TarEntry[] = [];
    for (const [name, file] of paths) {
      // A file that is not there is an entry that the bundle lacks.
      if (existsSync(file)) entries.push({ name, type: 'file', ...(await measureFile(file)) });
    }
    return { key, manifest: parseManifest(text, manifestKey(key)), entries };
  });
}
