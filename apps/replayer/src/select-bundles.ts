import { type ArchiveDependencies, bundlesBetween } from '@data-aggregator/shared-processing/archive';
import { objectStatuses, type ObjectStatusDependencies } from '@data-aggregator/shared-processing/ledger';
import { versionsOfKey } from '@data-aggregator/shared-processing/s3';
import { ReplayRequestError, type ReplayRequest } from './request.ts';

export interface SelectionDependencies extends ArchiveDependencies, ObjectStatusDependencies {
  landingBucket: string;
}

/**
 * The keys of the bundles that a request may be about, in their order. Of those that are looked for in a range by an
 * original key, the manifests decide.
 *
 * @throws ReplayRequestError where an original key is not known; CallError
 */
export async function* selectBundles(
  { selection, after }: Pick<ReplayRequest, 'selection' | 'after'>,
  dependencies: SelectionDependencies,
): AsyncGenerator<string, void, void> {
  const { kind } = selection;
  if (kind === 'range' || (kind === 'original' && selection.range)) {
    const range = selection.range as NonNullable<typeof selection.range>;
    for await (const { bundle } of bundlesBetween(range, after, dependencies)) yield bundle;
    return;
  }
  const bundles =
    kind === 'bundles' ? selection.bundles : await bundlesOfVersions(selection.key, dependencies);
  yield* bundles.filter((bundle) => after === undefined || bundle > after);
}

/** The bundles that the versions of a key are in, as the ledger tells. */
async function bundlesOfVersions(key: string, dependencies: SelectionDependencies): Promise<string[]> {
  const versions = await versionsOfKey(dependencies.landingBucket, key, dependencies);
  const found = await objectStatuses(versions, dependencies);
  const bundles = found.flatMap((where) => (where.kind === 'delivered' ? where.bundle : []));
  if (bundles.length === 0) {
    throw new ReplayRequestError(
      `the ledger knows of no bundle that holds ${JSON.stringify(key)}: give "from" and "to" to look for it in the manifests`,
    );
  }
  return [...new Set(bundles)].sort();
}
