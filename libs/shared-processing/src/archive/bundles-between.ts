import { BUNDLE_PREFIX, bundleTime, hourPrefix, hourFilePrefix } from '../bundle-key/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import type { ListingStart, ObjectListing } from '../s3/index.ts';
import { manifestKey } from '../manifest/index.ts';

/** From a moment to another, the second not included; ms since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface ArchiveDependencies extends RetryRules {
  listing: ObjectListing;
  /** Name of the archive bucket. */
  archive: string;
}

/** A bundle that has a manifest in the archive. Whether it was published as well, its manifest cannot tell. */
export interface ArchivedBundle {
  /** Its key in the distribution bucket, and in the archive. */
  bundle: string;
  /** When its manifest was stored, which comes right before it is published; ms since the epoch, whole seconds. */
  manifestStoredAt: number;
}

/** A bundle's key tells when it was begun; no invocation works on one for longer than this, in ms. */
const LONGEST_BUILD_MS = 15 * 60_000;

const [PREFIX, SUFFIX] = manifestKey('\0').split('\0') as [string, string];

/**
 * Bundles that were described in a range of time, by their keys, which is roughly by time. Only the listing's pages of
 * the hours in question are read, one at a time.
 *
 * @param after goes on behind this bundle
 * @throws CallError
 */
export async function* bundlesBetween(
  { from, to }: TimeRange,
  after: string | undefined,
  dependencies: ArchiveDependencies,
): AsyncGenerator<ArchivedBundle, void, void> {
  const { listing, archive } = dependencies;
  // Hours sort as times do, and nothing sorts between an hour's prefix and its first bundle.
  let place: string | undefined =
    after === undefined ? `${PREFIX}${hourPrefix(Math.max(0, from - LONGEST_BUILD_MS))}` : manifestKey(after);
  while (place !== undefined) {
    const start: ListingStart<string> = {
      bucket: archive,
      prefix: `${PREFIX}${BUNDLE_PREFIX}`,
      after: place,
    };
    const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
    place = next;
    for (const { key, lastModified } of objects) {
      const bundle = bundleOf(key);
      const begun = bundle === undefined ? undefined : bundleTime(bundle);
      if (bundle === undefined || begun === undefined) continue;
      if (begun >= to) {
        // An hour lists names of the form before by time, then names of the present form by time.
        const present = `${PREFIX}${hourFilePrefix(begun)}`;
        if (key > present || hourPrefix(begun) !== hourPrefix(to)) return;
        place = present;
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
