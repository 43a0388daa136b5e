import { type ArchiveDependencies, bundlesBetween } from '@data-aggregator/shared-processing/archive';
import { objectStatuses, type ObjectStatusDependencies } from '@data-aggregator/shared-processing/ledger';
import { versionsOfKey } from '@data-aggregator/shared-processing/s3';
import { ReplayRequestError, type ReplayRequest } from './request.ts';

export interface SelectionDependencies extends ArchiveDependencies, ObjectStatusDependencies {
  landingBucket: string;
}

/**
 * The keys of the bundles that a request selects, in order. For an original key with a range these are all bundles of the
 * range; the caller must check their manifests.
 *
 * @throws ReplayRequestError if the ledger does not know the original key; CallError
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

/**
 * The bundles that contain versions of a key, according to the ledger. A bundle that could not be looked up is one of them, so that its
 * outcome says why, instead of that the request is done without it.
 */
async function bundlesOfVersions(key: string, dependencies: SelectionDependencies): Promise<string[]> {
  const versions = await versionsOfKey(dependencies.landingBucket, key, dependencies);
  const found = await objectStatuses(versions, dependencies);
  const bundles = found.flatMap((where) =>
    where.kind === 'delivered' || where.kind === 'unknown' ? where.bundle : [],
  );
  if (bundles.length === 0) {
    throw new ReplayRequestError(
      `the ledger knows no bundle that contains ${JSON.stringify(key)}: give "from" and "to" to search the manifests`,
    );
  }
  return [...new Set(bundles)].sort();
}
