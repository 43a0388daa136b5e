import { type RetryRules, withRetries } from '../calls/index.ts';
import { manifestKey, parseManifest } from '../manifest/index.ts';
import type { ObjectStore } from '../s3/index.ts';
import { objectIdOf } from './ids.ts';
import type { Publications } from './publications.ts';

/** Publications as the buckets tell them: the bundle in one, its manifest in the other. */
export function createPublications(
  store: ObjectStore,
  buckets: { distribution: string; archive: string },
  rules: RetryRules,
): Publications {
  return {
    async membersOf(bundle) {
      const state = await withRetries(() => store.head(buckets.distribution, bundle), rules);
      if (state.kind === 'absent') return undefined;
      const key = manifestKey(bundle);
      const text = await withRetries(() => readText(store, buckets.archive, key), rules);
      const { members } = parseManifest(text, `${buckets.archive}/${key}`);
      return new Set(members.map(objectIdOf));
    },
  };
}

async function readText(store: ObjectStore, bucket: string, key: string): Promise<string> {
  const { body } = await store.get({ bucket, key });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
