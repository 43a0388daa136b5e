import { hash } from 'node:crypto';
import {
  concurrently,
  isSystemRefusal,
  SystemFault,
  withRetries,
} from '@data-aggregator/shared-processing/calls';
import type { ClaimOutcome, Ledger } from '@data-aggregator/shared-processing/ledger';
import {
  type BundleFormat,
  manifestKey,
  serializeManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import { build, type BuildDependencies, type BuiltMember, type Regrown } from './build.ts';
import type { Codec, FinishedBundle } from './bundle/index.ts';
import type { Candidate, Fate } from './fate.ts';
import { manifestOf } from './manifest.ts';
import { membersOf, type PlannedBundle } from './plan.ts';
import { publish } from './publish.ts';
import type { TimeBudget } from './time-budget.ts';

export interface DeliverDependencies extends BuildDependencies {
  ledger: Pick<Ledger, 'claim' | 'release' | 'note' | 'quarantine'>;
  log: EventLog;
  /** A key that no other bundle has or will have, since the ledger tells attempts apart by it. */
  newBundleKey: () => string;
  contentType: Codec['contentType'];
  format: BundleFormat;
  buckets: { distribution: string; archive: string };
  /** How long a claim outlives its invocation's deadline, in ms: for PUTs that land late and clocks that differ. */
  claimGraceMs: number;
  /** How long claims and notes are kept, in ms. */
  claimRetentionMs: number;
  /** Claims and releases on their way at once. */
  mostClaimsAtOnce: number;
}

/** What came of one planned bundle; every member of the plan has a fate. */
export interface Delivery {
  fates: Map<Candidate, Fate | Regrown>;
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
 * Delivers one bundle: claim → build → describe → publish → note. The order is the guarantee; docs/architecture.md has
 * the argument for each step.
 *
 * @throws SystemFault where the system, and not a member, is at fault
 */
export async function deliver(
  planned: PlannedBundle,
  budget: TimeBudget,
  dependencies: DeliverDependencies,
): Promise<Delivery> {
  const { clock, log } = dependencies;
  const key = dependencies.newBundleKey();
  const expires = Math.ceil((clock.now() + dependencies.claimRetentionMs) / 1000);
  const claim = { bundle: key, until: budget.deadline + dependencies.claimGraceMs, expires };

  const { claimed, fates } = await claimAll(membersOf(planned), claim, dependencies);
  const toRelease = new Set(claimed);
  if (claimed.length === 0) return { fates };

  const writer = dependencies.newWriter();
  try {
    const { members, left, finished } = await build(only(planned, claimed), writer, budget, dependencies);
    for (const [candidate, fate] of left) fates.set(candidate, fate);
    if (!finished) return { fates };

    const bundle = storedBundle(key, finished, members.length, dependencies);
    await describe(bundle, members, dependencies);

    if (clock.now() >= budget.publishUntil) {
      for (const { candidate } of members) fates.set(candidate, { kind: 'unstarted' });
      return { fates };
    }
    // From here on the bundle may be seen, whatever is answered: its members' claims stay.
    for (const { candidate } of members) toRelease.delete(candidate);
    const publication = await publish(bundle, budget, dependencies);
    if (publication.kind === 'not-published') {
      log.warn('bundle.unpublished', { bundle: key, detail: publication.detail });
      const fate: Fate = { kind: 'retry', why: 'not-published', detail: publication.detail };
      for (const { candidate } of members) fates.set(candidate, fate);
      return { fates };
    }
    const at = clock.now();
    for (const { candidate } of members) fates.set(candidate, { kind: 'bundled', bundle: key });
    await note(key, members, expires, dependencies);
    return { fates, published: { key, size: finished.size, tarSize: finished.tarSize, members, at } };
  } finally {
    await writer.discard();
    await releaseAll([...toRelease], key, dependencies);
  }
}

interface Claimed {
  claimed: Candidate[];
  fates: Delivery['fates'];
}

/** @throws SystemFault where nothing at all could be claimed for want of an answer */
async function claimAll(
  candidates: readonly Candidate[],
  claim: { bundle: string; until: number; expires: number },
  { ledger, mostClaimsAtOnce }: DeliverDependencies,
): Promise<Claimed> {
  const outcomes = await concurrently(candidates, mostClaimsAtOnce, async (candidate) => {
    const outcome = await ledger.claim(candidate.landed, claim);
    if (outcome.kind === 'unknown' && isSystemRefusal(outcome.cause)) {
      throw new SystemFault('the ledger refuses claims', { cause: outcome.cause });
    }
    return { candidate, outcome };
  });
  const unknown = outcomes.find(({ outcome }) => outcome.kind === 'unknown')?.outcome;
  if (unknown?.kind === 'unknown' && outcomes.every(({ outcome }) => outcome.kind === 'unknown')) {
    throw new SystemFault('the ledger does not answer', { cause: unknown.cause });
  }
  const fates: Delivery['fates'] = new Map();
  const claimed: Candidate[] = [];
  for (const { candidate, outcome } of outcomes) {
    if (outcome.kind === 'claimed') claimed.push(candidate);
    else fates.set(candidate, fateOfClaim(outcome));
  }
  return { claimed, fates };
}

function fateOfClaim(outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>): Fate {
  switch (outcome.kind) {
    case 'delivered':
      return { kind: 'duplicate', bundle: outcome.bundle };
    case 'busy':
      return { kind: 'retry', why: 'busy', detail: `claimed for ${outcome.bundle}` };
    case 'unknown':
      return { kind: 'retry', why: 'claim-unknown', detail: String(outcome.cause) };
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

/** Stores the manifest: exactly the members that are in the tar, before the tar can be seen. */
async function describe(
  bundle: StoredObject,
  members: readonly BuiltMember[],
  dependencies: DeliverDependencies,
): Promise<void> {
  const { store, buckets, clock, format } = dependencies;
  const body = Buffer.from(serializeManifest(manifestOf(bundle, format, members, clock.now())));
  const object: StoredObject = {
    bucket: buckets.archive,
    key: manifestKey(bundle.key),
    size: body.length,
    sha256: hash('sha256', body, 'hex'),
    open: () => body,
    contentType: 'application/json',
  };
  try {
    await withRetries(() => store.put(object), dependencies);
  } catch (cause) {
    throw new SystemFault('manifests cannot be stored', { cause });
  }
}

async function note(
  key: string,
  members: readonly BuiltMember[],
  expires: number,
  { ledger, log }: DeliverDependencies,
): Promise<void> {
  try {
    await ledger.note(
      key,
      members.map(({ candidate }) => candidate.landed),
      expires,
    );
  } catch (error) {
    // The bundle itself is the proof; without the note the question costs a HEAD and a GET.
    log.warn('bundle.unnoted', { bundle: key, error });
  }
}

async function releaseAll(
  candidates: readonly Candidate[],
  bundle: string,
  { ledger, log, mostClaimsAtOnce }: DeliverDependencies,
): Promise<void> {
  await concurrently(candidates, mostClaimsAtOnce, async ({ landed, id }) => {
    try {
      await ledger.release(landed, bundle);
    } catch (error) {
      // It lapses by itself.
      log.warn('claim.unreleased', { bundle, object: id, error });
    }
  });
}
