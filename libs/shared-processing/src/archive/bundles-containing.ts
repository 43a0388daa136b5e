import type { ManifestMember } from '../manifest/index.ts';
import type { ObjectStore } from '../s3/index.ts';
import { type ArchiveDependencies, type BundleRange, bundlesBetween } from './bundles-between.ts';
import { readManifest } from './read-manifest.ts';

/** A bundle that contains a version of a key, as one of its members. */
export interface ContainingBundle {
  bundle: string;
  /** When the bundle's manifest was stored, ms since the epoch. */
  manifestStoredAt: number;
  member: ManifestMember;
}

/**
 * Finds the bundles that contain a version of a key, by reading every manifest in a range of time. For keys that are no
 * longer in the ledger and the landing bucket.
 *
 * @throws CallError, ManifestError
 */
export async function* bundlesContaining(
  key: string,
  range: BundleRange,
  dependencies: ArchiveDependencies & { store: Pick<ObjectStore, 'get'> },
): AsyncGenerator<ContainingBundle, void, void> {
  for await (const { bundle, manifestStoredAt } of bundlesBetween(range, undefined, dependencies)) {
    const manifest = await readManifest(bundle, dependencies.archive, dependencies);
    for (const member of manifest?.members ?? []) {
      if (member.key === key) yield { bundle, manifestStoredAt, member };
    }
  }
}
