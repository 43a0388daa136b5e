import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { deliver, type DeliverDependencies, type Delivery } from './deliver.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { bytesOf, membersOf, planBundles, type PlanLimits } from './plan.ts';
import { createPace, mayBegin, type TimeBudget } from './time-budget.ts';
import { traceDelivery } from './trace.ts';

export interface BatchDependencies extends DeliverDependencies {
  planLimits: PlanLimits;
}

export type PublishedBundle = NonNullable<Delivery['published']>;

/** The result of a batch. Every candidate has an outcome, by its id. */
export interface BatchReport {
  outcomes: Map<string, Outcome>;
  published: PublishedBundle[];
}

/** How much faster S3 copies bytes than the first estimate for bytes that pass through the function. */
const COPY_SPEEDUP = 50;

/**
 * Bundles the candidates of one invocation: as many bundles as they fill and time allows. Candidates that are not started stay
 * unclaimed, and so do those that another function bundles.
 *
 * @param candidates each object version once
 * @throws SystemFault if the system is at fault. Nothing may be acknowledged then, not even members of published bundles: a later
 * delivery drops them as duplicates
 */
export async function processBatch(
  candidates: readonly Candidate[],
  budget: TimeBudget,
  dependencies: BatchDependencies,
  span: Span = noSpan,
): Promise<BatchReport> {
  const { clock, planLimits, routes } = dependencies;
  const report: BatchReport = { outcomes: new Map(), published: [] };
  const plan = (wanted: readonly Candidate[]) => {
    const { forwardBytes = Infinity } = planLimits;
    const own: Candidate[] = [];
    for (const candidate of wanted) {
      if (candidate.size > forwardBytes) report.outcomes.set(candidate.id, { kind: 'forwarded' });
      else own.push(candidate);
    }
    return planBundles(own, {
      ...planLimits,
      isCopied: (candidate) => routes.isCopied(candidate, budget.buildUntil - clock.now()),
    });
  };
  const planned = plan(candidates);
  const pace = createPace();

  for (let next = 0; next < planned.length; next++) {
    const bundle = planned[next] as (typeof planned)[number];
    const members = membersOf(bundle);
    const isCopy = bundle.kind === 'copy';
    const bytes = isCopy ? bytesOf(bundle) / COPY_SPEEDUP : bytesOf(bundle);
    const load = { bytes, members: members.length, isFirst: next === 0 };
    if (!mayBegin(load, budget, pace, clock)) {
      for (const { id } of members) report.outcomes.set(id, { kind: 'unstarted' });
      span.event('bundle.unstarted', { 'aggregator.bundle.members': members.length });
      continue;
    }
    const began = clock.now();
    const { outcomes, published } = await span.child('bundle', {}, async (ofBundle) => {
      const delivery = await deliver(bundle, budget, dependencies, ofBundle);
      traceDelivery(delivery, ofBundle);
      return delivery;
    });
    const ms = clock.now() - began;
    if (!isCopy) pace.learn(load.bytes, load.members, ms);
    if (published) {
      report.published.push(published);
      if (bundle.kind === 'single') routes.learn(bytes, ms);
    }

    const again: Candidate[] = [];
    for (const [candidate, outcome] of outcomes) {
      if (outcome.kind === 'size-changed') again.push({ ...candidate, size: outcome.size });
      else if (outcome.kind === 'isolated') again.push(candidate);
      else report.outcomes.set(candidate.id, outcome);
    }
    planned.push(...plan(again));
  }
  return report;
}
