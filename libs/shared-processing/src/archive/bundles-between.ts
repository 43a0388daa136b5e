import { BUNDLE_PREFIX, bundleTime, hourPrefix, hourFilePrefix } from '../bundle-key/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import type { ListingStart, ObjectListing } from '../s3/index.ts';
import { manifestKey } from '../manifest/index.ts';

/** A range of time, `to` excluded; ms since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface ArchiveDependencies extends RetryRules {
  listing: ObjectListing;
  /** Name of the archive bucket. */
  archive: string;
}

/** A bundle that has a manifest in the archive. The manifest does not prove that the bundle was published. */
export interface ArchivedBundle {
  /** Its key in the distribution bucket, and in the archive. */
  bundle: string;
  /** When its manifest was stored, right before the bundle was published; ms since the epoch, whole seconds. */
  manifestStoredAt: number;
}

/** Maximum time between the time in a bundle's key and its manifest, in ms: Lambda's longest timeout. */
const MAX_BUILD_MS = 15 * 60_000;

const [PREFIX, SUFFIX] = manifestKey('\0').split('\0') as [string, string];

/**
 * Lists the bundles whose manifests were stored in a range of time, in order of their keys, which is roughly by time. Reads
 * only the listing pages of the relevant hours, one at a time.
 *
 * @param after continues after this bundle
 * @throws CallError
 */
export async function* bundlesBetween(
  { from, to }: TimeRange,
  after: string | undefined,
  dependencies: ArchiveDependencies,
): AsyncGenerator<ArchivedBundle, void, void> {
  const { listing, archive } = dependencies;
  // Prefixes of hours sort by time, and no key sorts between an hour's prefix and its first bundle.
  let position: string | undefined =
    after === undefined ? `${PREFIX}${hourPrefix(Math.max(0, from - MAX_BUILD_MS))}` : manifestKey(after);
  while (position !== undefined) {
    const start: ListingStart<string> = {
      bucket: archive,
      prefix: `${PREFIX}${BUNDLE_PREFIX}`,
      after: position,
    };
    const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
    position = next;
    for (const { key, lastModified } of objects) {
      const bundle = bundleOf(key);
      const begun = bundle === undefined ? undefined : bundleTime(bundle);
      if (bundle === undefined || begun === undefined) continue;
      if (begun >= to) {
        // Within an hour, keys of the previous form come first, then keys of the current form, each by time.
        const currentForm = `${PREFIX}${hourFilePrefix(begun)}`;
        if (key > currentForm || hourPrefix(begun) !== hourPrefix(to)) return;
        position = currentForm;
        break;
      }
      if (lastModified >= from && lastModified < to) yield { bundle, manifestStoredAt: lastModified };
    }
  }
}

function bundleOf(key: string): string | undefined {
  return key.startsWith(PREFIX) && key.endsWith(SUFFIX)
    ? key.slice(PREFIX.length, -SUFFIX.length)
    : undefined;
}
