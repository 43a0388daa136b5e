import { bundleTime, groupPrefix, hourPrefix, hourFilePrefix } from '../bundle-key/index.ts';
import { isGroupName } from '../groups/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import type { ListingStart, ObjectListing } from '../s3/index.ts';
import { manifestKey } from '../manifest/index.ts';

/** A range of time, `to` excluded; ms since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The bundles to look for. */
export interface BundleRange extends TimeRange {
  /** Only bundles of the group with this name; undefined: of all groups, and of none. */
  group?: string | undefined;
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

/** Where to look: keys below a prefix sort by time. */
export interface Section {
  prefix: string;
  group: string | undefined;
}

/**
 * Lists the bundles whose manifests were stored in a range of time: those without a group, then group by group, each roughly by time. Reads
 * only the listing pages of the relevant hours, one at a time; with groups, at least one page for each group.
 *
 * @param after continues after this bundle
 * @throws CallError
 */
export async function* bundlesBetween(
  range: BundleRange,
  after: string | undefined,
  dependencies: ArchiveDependencies,
): AsyncGenerator<ArchivedBundle, void, void> {
  const { from, to, group } = range;
  const begun = { from: Math.max(0, from - MAX_BUILD_MS), to };
  const sections =
    group === undefined
      ? await sectionsOf(manifestsOf(undefined), begun, dependencies)
      : [{ prefix: manifestsOf(group), group }];
  // If the section of `after` has expired meanwhile, all are listed again.
  const first = after === undefined ? 0 : sections.findIndex((section) => isIn(section, after));
  for (const section of sections.slice(Math.max(0, first))) {
    const position = after !== undefined && isIn(section, after) ? after : undefined;
    yield* bundlesInSection(section, range, position, dependencies);
  }
}

/**
 * The sections of keys that end in the keys of bundles: the years in which the bundles were started, for bundles without a group,
 * and all groups.
 *
 * @param prefix of these keys, up to the year or group
 */
export async function sectionsOf(
  prefix: string,
  { from, to }: TimeRange,
  dependencies: ArchiveDependencies,
): Promise<Section[]> {
  const { listing, archive: bucket } = dependencies;
  const yearOf = (moment: number) => new Date(moment).getUTCFullYear();
  const years: Section[] = [];
  const groups: Section[] = [];
  let after: string | undefined;
  do {
    const start = { bucket, prefix, after };
    const { folders, next } = await withRetries(() => listing.folders(start), dependencies);
    for (const folder of folders) {
      const name = folder.slice(prefix.length, -1);
      if (isGroupName(name)) groups.push({ prefix: folder, group: name });
      else if (Number(name) >= yearOf(from) && Number(name) <= yearOf(to)) {
        years.push({ prefix: folder, group: undefined });
      }
    }
    after = next;
  } while (after !== undefined);
  return [...years, ...groups];
}

async function* bundlesInSection(
  { prefix, group }: Section,
  { from, to }: TimeRange,
  after: string | undefined,
  dependencies: ArchiveDependencies,
): AsyncGenerator<ArchivedBundle, void, void> {
  const { listing, archive: bucket } = dependencies;
  // Prefixes of hours sort by time, and no key sorts between an hour's prefix and its first bundle.
  let position: string | undefined =
    after === undefined
      ? `${PREFIX}${hourPrefix(Math.max(0, from - MAX_BUILD_MS), group)}`
      : manifestKey(after);
  while (position !== undefined) {
    const start: ListingStart<string> = { bucket, prefix, after: position };
    const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
    position = next;
    for (const { key, lastModified } of objects) {
      const bundle = bundleOf(key);
      const begun = bundle === undefined ? undefined : bundleTime(bundle);
      if (bundle === undefined || begun === undefined) continue;
      if (begun >= to) {
        // Within an hour, keys of the previous form come first, then keys of the current form, each by time.
        const currentForm = `${PREFIX}${hourFilePrefix(begun, group)}`;
        if (key > currentForm || hourPrefix(begun) !== hourPrefix(to)) return;
        position = currentForm;
        break;
      }
      if (lastModified >= from && lastModified < to) yield { bundle, manifestStoredAt: lastModified };
    }
  }
}

function isIn({ prefix }: Section, bundle: string): boolean {
  return manifestKey(bundle).startsWith(prefix);
}

/** The prefix of the manifests of a group's bundles; of all bundles, without a group. */
function manifestsOf(group: string | undefined): string {
  return `${PREFIX}${groupPrefix(group)}`;
}

function bundleOf(key: string): string | undefined {
  return key.startsWith(PREFIX) && key.endsWith(SUFFIX)
    ? key.slice(PREFIX.length, -SUFFIX.length)
    : undefined;
}
