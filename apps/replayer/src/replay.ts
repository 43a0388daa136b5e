import { readManifest } from '@data-aggregator/shared-processing/archive';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { type LeaseDependencies, withLease } from '@data-aggregator/shared-processing/ledger';
import { type Manifest, ManifestError } from '@data-aggregator/shared-processing/manifest';
import type { Metrics } from '@data-aggregator/shared-processing/observability';
import { type ReplayResult, resultOf, report } from './result.ts';
import type { BundleOutcome } from './bundle-outcome.ts';
import { replayBundle, type ReplayBundleDependencies } from './replay-bundle.ts';
import type { ReplayRequest } from './request.ts';
import { selectBundles, type SelectionDependencies } from './select-bundles.ts';

export interface ReplayDependencies
  extends SelectionDependencies, Omit<ReplayBundleDependencies, 'settledBy'>, LeaseDependencies {
  metrics: Metrics;
  /** Maximum number of bundles that are replayed concurrently. */
  concurrency: number;
  /** Maximum number of bundles per invocation. */
  maxBundles: number;
}

/** When an invocation stops starting bundles, and when Lambda kills it; ms since the epoch. */
export interface Deadlines {
  until: number;
  deadline: number;
}

/** Another invocation is executing the same request. */
export class ReplayInProgressError extends Error {
  override readonly name = 'ReplayInProgressError';
}

/** Time for the last requests of a killed invocation to take effect, in ms. */
const GRACE_MS = 60_000;

/**
 * Plans or executes a request, for as long as there is time. A repeated request continues: delivered bundles stay as they
 * are, and bundles that were being restored are checked again.
 *
 * @throws ReplayRequestError, ReplayInProgressError, SystemFault, CallError
 */
export async function replay(
  request: ReplayRequest,
  { until, deadline }: Deadlines,
  dependencies: ReplayDependencies,
): Promise<ReplayResult> {
  const settledBy = deadline + GRACE_MS;
  const work = () => replaySelected(request, until, { ...dependencies, settledBy });
  if (!request.execute) return work();
  const { requestId } = request;
  const leased = await withLease(`replay#${requestId}`, settledBy, work, dependencies);
  if (leased.kind === 'done') return leased.result;
  const freed = new Date(leased.until).toISOString();
  throw new ReplayInProgressError(`the request ${requestId} is in progress, until ${freed} at the latest`);
}

async function replaySelected(
  request: ReplayRequest,
  until: number,
  dependencies: ReplayDependencies & ReplayBundleDependencies,
): Promise<ReplayResult> {
  const { clock, concurrency, maxBundles } = dependencies;
  const groupSize = Math.min(concurrency, maxBundles);
  const outcomes = new Map<string, BundleOutcome>();
  let looked = 0;
  let last: string | undefined;
  for await (const bundles of inGroups(selectBundles(request, dependencies), groupSize)) {
    if (last !== undefined && (clock.now() >= until || looked + bundles.length > maxBundles)) {
      return finish(request, outcomes, last, dependencies);
    }
    const found = await mapConcurrently(bundles, concurrency, async (bundle) => ({
      bundle,
      outcome: await replayIfSelected(bundle, request, dependencies),
    }));
    for (const { bundle, outcome } of found) if (outcome) outcomes.set(bundle, outcome);
    looked += bundles.length;
    last = bundles.at(-1);
  }
  return finish(request, outcomes, undefined, dependencies);
}

/** Replays a bundle. Returns undefined if it does not contain the requested key. */
async function replayIfSelected(
  bundle: string,
  request: ReplayRequest,
  dependencies: ReplayBundleDependencies,
): Promise<BundleOutcome | undefined> {
  const { selection } = request;
  let manifest: Manifest | undefined;
  try {
    manifest = await readManifest(bundle, dependencies.buckets.archive, dependencies);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { kind: 'failed', detail: error.message };
  }
  if (!manifest) return { kind: 'missing', detail: 'there is no manifest of this bundle' };
  if (selection.kind === 'original' && !manifest.members.some(({ key }) => key === selection.key)) {
    return undefined;
  }
  return replayBundle(manifest, request, dependencies);
}

function finish(
  request: ReplayRequest,
  outcomes: ReadonlyMap<string, BundleOutcome>,
  after: string | undefined,
  dependencies: ReplayDependencies,
): ReplayResult {
  const answer = resultOf(request, outcomes, after, dependencies.clock.now());
  report(answer, dependencies);
  return answer;
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[], void, void> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
