import type { Ledger } from '@data-aggregator/shared-processing/ledger';
import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import type { BuiltMember, SizeChanged } from './build.ts';
import { type BuildBundleDependencies, type Builder, createBuilder } from './build-bundle.ts';
import { type Codec, store } from './bundle/index.ts';
import { type ClaimDependencies, claimMembers, releaseMembers } from './claim-members.ts';
import { failuresAfter, maxMembersWith, outcomeOfObjectFailure, refusalOfExhausted } from './failures.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { createPartUpload, type PartUploadDependencies, UploadError } from './part-upload.ts';
import { membersOf, type PlannedBundle } from './plan.ts';
import { publish } from './publish.ts';
import type { Routes } from './route.ts';
import { hasAllTime, type TimeBudget } from './time-budget.ts';
import { writeManifest, type WriteManifestDependencies } from './write-manifest.ts';

export interface DeliverDependencies
  extends
    BuildBundleDependencies,
    ClaimDependencies,
    PartUploadDependencies,
    Omit<WriteManifestDependencies, 'signal'> {
  ledger: Pick<Ledger, 'claim' | 'release' | 'recordUpload' | 'giveUp' | 'recordBundle' | 'quarantine'>;
  /** A key that is never used again: the ledger distinguishes attempts by it. */
  newBundleKey: (planned: PlannedBundle) => string;
  routes: Routes;
  contentType: Codec['contentType'];
  buckets: { distribution: string; archive: string };
  /** How long a claim outlives its invocation's deadline, in ms: for late PUTs and clock differences. */
  claimGraceMs: number;
  /** How long claims and bundle records are kept, in ms. */
  claimRetentionMs: number;
}

/** The result for one planned bundle. Every member of the plan has an outcome. */
export interface Delivery {
  outcomes: Map<Candidate, Outcome | SizeChanged | Isolated>;
  published?: {
    key: string;
    /** Bytes of the bundle, and of the tar in it. */
    size: number;
    tarSize: number;
    /** Parts of its upload; 0 if it was one PUT. */
    parts: number;
    members: BuiltMember[];
    /** ms since the epoch. */
    at: number;
  };
}

/** The object has failed before, and must be planned again in a smaller bundle. */
export interface Isolated {
  kind: 'isolated';
  failures: number;
}

/**
 * Delivers one bundle: claim → build → write manifest → publish → record. The order is the guarantee; docs/architecture.md
 * gives the reason for each step.
 *
 * @throws SystemFault if the system is at fault, and not a member
 */
export async function deliver(
  planned: PlannedBundle,
  budget: TimeBudget,
  dependencies: DeliverDependencies,
  span: Span = noSpan,
): Promise<Delivery> {
  const { clock, log } = dependencies;
  const hadAllTime = hasAllTime(budget, clock);
  const key = dependencies.newBundleKey(planned);
  const expires = Math.ceil((clock.now() + dependencies.claimRetentionMs) / 1000);
  const claim = { bundle: key, until: budget.deadline + dependencies.claimGraceMs, expires };

  const named = { 'aggregator.bundle.key': key };
  span.set(named);
  const step = <T>(name: string, work: () => Promise<T>) => span.child(name, named, work);

  const { claimed, outcomes: unclaimed } = await step('claim', () =>
    claimMembers(membersOf(planned), claim, dependencies),
  );
  const outcomes: Delivery['outcomes'] = new Map(unclaimed);
  for (const candidate of claimed) {
    const unfit =
      refusalOfExhausted(candidate) ?? isolationOf(candidate, planned, claimed.length, dependencies.routes);
    if (unfit) outcomes.set(candidate, unfit);
  }
  const fit = claimed.filter((candidate) => !outcomes.has(candidate));
  const toRelease = new Set(claimed);

  const target = {
    bucket: dependencies.buckets.distribution,
    key,
    contentType: planned.kind === 'copy' ? store().contentType : dependencies.contentType,
  };
  const upload = createPartUpload(target, { until: budget.publishUntil, expires }, dependencies);
  let builder: Builder | undefined;
  let isAttempted = false;
  try {
    if (fit.length === 0) return { outcomes };
    const isTooSlow = () => planned.kind !== 'packed' && hadAllTime && clock.now() >= budget.buildUntil;
    const notPublished = (
      detail: string,
      members: readonly { candidate: Candidate }[],
      outcomeOf: (candidate: Candidate) => Outcome,
    ): Delivery => {
      log.warn('bundle.unpublished', { bundle: key, detail });
      for (const { candidate } of members) outcomes.set(candidate, outcomeOf(candidate));
      return { outcomes };
    };
    /** The outcome of a member of a bundle that nothing has tried to publish. */
    const unattempted = (detail: string, tooSlow: boolean) => (candidate: Candidate) =>
      tooSlow
        ? outcomeOfObjectFailure(candidate, 'too-slow', detail)
        : ({ kind: 'retry', why: 'not-published', detail } as const);

    builder = createBuilder(only(planned, fit), target, upload, budget, dependencies);
    const built = await step('build', builder.build).catch((error: unknown) => {
      if (error instanceof UploadError) return error;
      throw error;
    });
    if (built instanceof UploadError) {
      const members = fit.map((candidate) => ({ candidate }));
      return notPublished(built.message, members, unattempted(built.message, isTooSlow()));
    }
    const { members, left, bundle, tarSize } = built;
    for (const [candidate, outcome] of left) outcomes.set(candidate, outcome);
    if (!bundle) return { outcomes };
    const wasTooSlow = isTooSlow();
    const described = planned.kind === 'copy' ? { ...dependencies, format: 'tar' as const } : dependencies;
    await step('write-manifest', () => writeManifest(bundle.object, members, planned.group?.text, described));

    if (clock.now() >= budget.publishUntil) {
      const detail = 'no time was left to publish';
      return notPublished(detail, members, unattempted(detail, wasTooSlow));
    }
    // From here on the bundle may be visible, whatever the response, so its members' claims stay.
    isAttempted = true;
    for (const { candidate } of members) toRelease.delete(candidate);
    const uploadId = bundle.kind === 'parts' ? bundle.upload.uploadId : undefined;
    const publication = await step('publish', () => publish(bundle, budget, dependencies)).catch(
      async (error: unknown) => {
        await giveUp(key, expires, uploadId, dependencies);
        throw error;
      },
    );
    if (publication.kind === 'not-published') {
      const { detail } = publication;
      await giveUp(key, expires, uploadId, dependencies);
      return notPublished(detail, members, () => ({
        kind: 'retry',
        why: 'not-published',
        detail,
        until: claim.until,
      }));
    }
    const at = clock.now();
    const parts = bundle.kind === 'parts' ? bundle.parts.length : 0;
    for (const { candidate } of members) outcomes.set(candidate, { kind: 'bundled', bundle: key });
    await step('record', () => record(key, members, expires, dependencies));
    return { outcomes, published: { key, size: bundle.object.size, tarSize, parts, members, at } };
  } finally {
    if (!isAttempted) await upload.abort();
    await builder?.discard();
    const released = [...toRelease].map((candidate) => ({
      ...candidate,
      ...failuresAfter(candidate, outcomes.get(candidate)),
    }));
    await releaseMembers(released, claim, dependencies);
  }
}

/** Whether an object that has failed before must leave a bundle of so many members, or may not be streamed again. */
function isolationOf(
  candidate: Candidate,
  planned: PlannedBundle,
  members: number,
  routes: Routes,
): Isolated | undefined {
  const { failures } = candidate;
  if (members > maxMembersWith(failures)) return { kind: 'isolated', failures };
  const isMisrouted = planned.kind === 'single' && routes.isCopied(candidate, Infinity);
  return isMisrouted ? { kind: 'isolated', failures } : undefined;
}

/** The planned bundle with these of its members, of which there is at least one. */
function only(planned: PlannedBundle, members: Candidate[]): PlannedBundle {
  if (planned.kind === 'packed') return { ...planned, members };
  const [member = planned.member] = members;
  return { ...planned, member };
}

async function giveUp(
  key: string,
  expires: number,
  uploadId: string | undefined,
  { ledger, log }: DeliverDependencies,
): Promise<void> {
  try {
    await ledger.giveUp(key, expires, uploadId);
  } catch (error) {
    // Then a take-over counts as a failure of each member, of which it has several.
    log.warn('bundle.unrecorded', { bundle: key, error });
  }
}

async function record(
  key: string,
  members: readonly BuiltMember[],
  expires: number,
  { ledger, log }: DeliverDependencies,
): Promise<void> {
  try {
    await ledger.recordBundle(
      key,
      members.map(({ candidate }) => candidate.landed),
      expires,
    );
  } catch (error) {
    // The bundle itself is the proof. Without the record, the lookup costs a HEAD and a GET.
    log.warn('bundle.unrecorded', { bundle: key, error });
  }
}
