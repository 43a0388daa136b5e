import type { Ledger } from '@data-aggregator/shared-processing/ledger';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { build, type BuildDependencies, type BuiltMember, type SizeChanged } from './build.ts';
import type { Codec, FinishedBundle } from './bundle/index.ts';
import { type ClaimDependencies, claimMembers, releaseMembers } from './claim-members.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { writeManifest, type WriteManifestDependencies } from './write-manifest.ts';
import { membersOf, type PlannedBundle } from './plan.ts';
import { publish } from './publish.ts';
import type { TimeBudget } from './time-budget.ts';

export interface DeliverDependencies
  extends BuildDependencies, ClaimDependencies, Omit<WriteManifestDependencies, 'signal'> {
  ledger: Pick<Ledger, 'claim' | 'release' | 'recordBundle' | 'quarantine'>;
  /** A key that is never used again: the ledger distinguishes attempts by it. */
  newBundleKey: () => string;
  contentType: Codec['contentType'];
  buckets: { distribution: string; archive: string };
  /** How long a claim outlives its invocation's deadline, in ms: for late PUTs and clock differences. */
  claimGraceMs: number;
  /** How long claims and bundle records are kept, in ms. */
  claimRetentionMs: number;
}

/** The result for one planned bundle. Every member of the plan has an outcome. */
export interface Delivery {
  outcomes: Map<Candidate, Outcome | SizeChanged>;
  published?: {
    key: string;
    /** Bytes of the bundle, and of the tar in it. */
    size: number;
    tarSize: number;
    members: BuiltMember[];
    /** ms since the epoch. */
    at: number;
  };
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
  const key = dependencies.newBundleKey();
  const expires = Math.ceil((clock.now() + dependencies.claimRetentionMs) / 1000);
  const claim = { bundle: key, until: budget.deadline + dependencies.claimGraceMs, expires };

  const named = { 'aggregator.bundle.key': key };
  span.set(named);
  const step = <T>(name: string, work: () => Promise<T>) => span.child(name, named, work);

  const { claimed, outcomes: unclaimed } = await step('claim', () =>
    claimMembers(membersOf(planned), claim, dependencies),
  );
  const outcomes: Delivery['outcomes'] = new Map(unclaimed);
  const toRelease = new Set(claimed);
  if (claimed.length === 0) return { outcomes };

  const writer = dependencies.newWriter(planned.kind);
  try {
    const { members, left, finished } = await step('build', () =>
      build(only(planned, claimed), writer, budget, dependencies),
    );
    for (const [candidate, outcome] of left) outcomes.set(candidate, outcome);
    if (!finished) return { outcomes };

    const bundle = storedBundle(key, finished, members.length, dependencies);
    await step('write-manifest', () => writeManifest(bundle, members, dependencies));

    const notPublished = (detail: string): Delivery => {
      log.warn('bundle.unpublished', { bundle: key, detail });
      for (const { candidate } of members)
        outcomes.set(candidate, { kind: 'retry', why: 'not-published', detail });
      return { outcomes };
    };
    // Retry rather than requeue, so that an impossible bundle eventually reaches the dead-letter queue.
    if (clock.now() >= budget.publishUntil) return notPublished('no time was left to publish');
    // From here on the bundle may be visible, whatever the response, so its members' claims stay.
    for (const { candidate } of members) toRelease.delete(candidate);
    const publication = await step('publish', () => publish(bundle, budget, dependencies));
    if (publication.kind === 'not-published') return notPublished(publication.detail);
    const at = clock.now();
    for (const { candidate } of members) outcomes.set(candidate, { kind: 'bundled', bundle: key });
    await step('record', () => note(key, members, expires, dependencies));
    return { outcomes, published: { key, size: finished.size, tarSize: finished.tarSize, members, at } };
  } finally {
    await writer.discard();
    await releaseMembers([...toRelease], key, dependencies);
  }
}

function only(planned: PlannedBundle, claimed: Candidate[]): PlannedBundle {
  return planned.kind === 'single' ? planned : { ...planned, members: claimed };
}

function storedBundle(
  key: string,
  { size, sha256, open }: FinishedBundle,
  members: number,
  { buckets, contentType }: DeliverDependencies,
): StoredObject {
  return {
    bucket: buckets.distribution,
    key,
    size,
    sha256,
    open,
    // No Content-Encoding: a bundle is a file, and clients must not unpack it in transit.
    contentType,
    metadata: { sha256, members: String(members) },
  };
}

async function note(
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
    log.warn('bundle.unnoted', { bundle: key, error });
  }
}
