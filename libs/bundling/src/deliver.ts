import type { Ledger } from '@data-aggregator/shared-processing/ledger';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import { noSpan, type Span } from '@data-aggregator/shared-processing/tracing';
import { build, type BuildDependencies, type BuiltMember, type SizeChanged } from './build.ts';
import type { Codec, FinishedBundle } from './bundle/index.ts';
import { type ClaimDependencies, claimMembers, releaseMembers } from './claim-members.ts';
import { failuresAfter, maxMembersWith, outcomeOfObjectFailure, refusalOfExhausted } from './failures.ts';
import type { Candidate, Outcome } from './outcome.ts';
import { writeManifest, type WriteManifestDependencies } from './write-manifest.ts';
import { membersOf, type PlannedBundle } from './plan.ts';
import { publish } from './publish.ts';
import { hasAllTime, type TimeBudget } from './time-budget.ts';

export interface DeliverDependencies
  extends BuildDependencies, ClaimDependencies, Omit<WriteManifestDependencies, 'signal'> {
  ledger: Pick<Ledger, 'claim' | 'release' | 'giveUp' | 'recordBundle' | 'quarantine'>;
  /** A key that is never used again: the ledger distinguishes attempts by it. @param group name of the bundle's group */
  newBundleKey: (group: string | undefined) => string;
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
  const key = dependencies.newBundleKey(planned.group?.name);
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
    const unfit = refusalOfExhausted(candidate) ?? isolationOf(candidate, claimed.length);
    if (unfit) outcomes.set(candidate, unfit);
  }
  const fit = claimed.filter((candidate) => !outcomes.has(candidate));
  const toRelease = new Set(claimed);
  if (claimed.length === 0) return { outcomes };

  const writer = dependencies.newWriter(planned.kind);
  try {
    if (fit.length === 0) return { outcomes };
    const { members, left, finished } = await step('build', () =>
      build(only(planned, fit), writer, budget, dependencies),
    );
    for (const [candidate, outcome] of left) outcomes.set(candidate, outcome);
    if (!finished) return { outcomes };
    const isTooSlow = planned.kind === 'single' && hadAllTime && clock.now() >= budget.buildUntil;

    const bundle = storedBundle(key, finished, members.length, dependencies);
    await step('write-manifest', () => writeManifest(bundle, members, planned.group?.text, dependencies));

    const notPublished = (detail: string, outcomeOf: (candidate: Candidate) => Outcome): Delivery => {
      log.warn('bundle.unpublished', { bundle: key, detail });
      for (const { candidate } of members) outcomes.set(candidate, outcomeOf(candidate));
      return { outcomes };
    };
    if (clock.now() >= budget.publishUntil) {
      const detail = 'no time was left to publish';
      return notPublished(detail, (candidate) =>
        isTooSlow
          ? outcomeOfObjectFailure(candidate, 'too-slow', detail)
          : { kind: 'retry', why: 'not-published', detail },
      );
    }
    // From here on the bundle may be visible, whatever the response, so its members' claims stay.
    for (const { candidate } of members) toRelease.delete(candidate);
    const publication = await step('publish', () => publish(bundle, budget, dependencies)).catch(
      async (error: unknown) => {
        await giveUp(key, expires, dependencies);
        throw error;
      },
    );
    if (publication.kind === 'not-published') {
      const { detail } = publication;
      await giveUp(key, expires, dependencies);
      return notPublished(detail, () => ({
        kind: 'retry',
        why: 'not-published',
        detail,
        until: claim.until,
      }));
    }
    const at = clock.now();
    for (const { candidate } of members) outcomes.set(candidate, { kind: 'bundled', bundle: key });
    await step('record', () => record(key, members, expires, dependencies));
    return { outcomes, published: { key, size: finished.size, tarSize: finished.tarSize, members, at } };
  } finally {
    await writer.discard();
    const released = [...toRelease].map((candidate) => ({
      ...candidate,
      failures: failuresAfter(candidate, outcomes.get(candidate)),
    }));
    await releaseMembers(released, claim, dependencies);
  }
}

/** Whether an object that has failed before must leave a bundle of so many members. */
function isolationOf({ failures }: Candidate, members: number): Isolated | undefined {
  return members > maxMembersWith(failures) ? { kind: 'isolated', failures } : undefined;
}

/** The planned bundle with these of its members, of which there is at least one. */
function only(planned: PlannedBundle, members: Candidate[]): PlannedBundle {
  if (planned.kind === 'packed') return { ...planned, members };
  const [member = planned.member] = members;
  return { ...planned, member };
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

async function giveUp(key: string, expires: number, { ledger, log }: DeliverDependencies): Promise<void> {
  try {
    await ledger.giveUp(key, expires);
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
