import { type RetryRules, withRetries } from '../retry/index.ts';
import { manifestKey, parseManifest } from '../manifest/index.ts';
import { type MultipartStore, type ObjectStore, readText } from '../s3/index.ts';
import { objectIdOf } from './ids.ts';
import type { Publications, Uploads } from './publications.ts';

/** Looks bundles up in the distribution bucket, and their members in the archive's manifests. */
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
      const text = await withRetries(() => readText(buckets.archive, key, store), rules);
      const { members } = parseManifest(text, `${buckets.archive}/${key}`);
      return new Set(members.map(objectIdOf));
    },
  };
}

/** Aborts uploads in the distribution bucket. */
export function createUploads(
  multipart: Pick<MultipartStore, 'abort'>,
  { distribution: bucket }: { distribution: string },
  rules: RetryRules,
): Uploads {
  return {
    abort: (key, uploadId) => withRetries(() => multipart.abort({ bucket, key, uploadId }), rules),
  };
}
