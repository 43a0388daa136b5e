import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { originalKey, receiptsIn, type Services, type TarEntry } from '@data-aggregator/pipeline-client';
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
      if (existsSync(file)) entries.push({ name, type: 'file', ...(await measured(file)) });
    }
    return { key, manifest: parseManifest(text, manifestKey(key)), entries };
  });
}

async function measured(file: string): Promise<{ size: number; sha256: string }> {
  const digest = createHash('sha256');
  let size = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      digest.update(chunk);
      size += chunk.length;
    }
  });
  return { size, sha256: digest.digest('hex') };
}
