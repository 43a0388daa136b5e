import type { ManifestMember } from '../manifest/index.ts';
import type { ObjectStore } from '../s3/index.ts';
import { type ArchiveDependencies, bundlesBetween, type TimeRange } from './bundles-between.ts';
import { readManifest } from './read-manifest.ts';

/** A member of a bundle. */
export interface ContainingBundle {
  bundle: string;
  /** When the bundle's manifest was stored, ms since the epoch. */
  manifestStoredAt: number;
  member: ManifestMember;
}

/**
 * Bundles that hold a version of a key, found by reading every manifest of a range of time: for keys that the ledger
 * and the landing bucket no longer know.
 *
 * @throws CallError, ManifestError
 */
export async function* bundlesContaining(
  key: string,
  range: TimeRange,
  dependencies: ArchiveDependencies & { store: Pick<ObjectStore, 'get'> },
): AsyncGenerator<ContainingBundle, void, void> {
  for await (const { bundle, manifestStoredAt } of bundlesBetween(range, undefined, dependencies)) {
    const manifest = await readManifest(bundle, dependencies.archive, dependencies);
    for (const member of manifest?.members ?? []) {
      if (member.key === key) yield { bundle, manifestStoredAt, member };
    }
  }
}
