import { isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { Claim, ClaimOutcome, Ledger } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { isObjectFailure } from './failures.ts';
import type { Candidate, Outcome } from './outcome.ts';

export interface ClaimDependencies {
  ledger: Pick<Ledger, 'claim' | 'release'>;
  log: EventLog;
  /** Concurrent claims and releases. */
  maxConcurrentClaims: number;
}

/** The candidates that we may bundle, and the outcomes of the others. */
export interface Claimed {
  claimed: Candidate[];
  outcomes: Map<Candidate, Outcome>;
}

/**
 * Claims candidates for a bundle.
 *
 * @param candidates at least one
 * @throws SystemFault if the ledger refuses claims, or if no claim got a response
 */
export async function claimMembers(
  candidates: readonly Candidate[],
  claim: Claim,
  { ledger, maxConcurrentClaims }: ClaimDependencies,
): Promise<Claimed> {
  const claims = await mapConcurrently(candidates, maxConcurrentClaims, async (candidate) => {
    const outcome = await ledger.claim(candidate.landed, claim);
    if (outcome.kind === 'unknown' && isSystemError(outcome.cause)) {
      throw new SystemFault('the ledger refuses claims', { cause: outcome.cause });
    }
    return { candidate, outcome };
  });
  const causes = claims.flatMap(({ outcome }) => (outcome.kind === 'unknown' ? [outcome.cause] : []));
  if (causes.length === claims.length) {
    throw new SystemFault('the ledger does not answer', { cause: causes[0] });
  }
  const outcomes = new Map<Candidate, Outcome>();
  const claimed: Candidate[] = [];
  for (const { candidate, outcome } of claims) {
    if (outcome.kind === 'claimed') {
      const { failures, lastFailure } = outcome;
      claimed.push({
        ...candidate,
        failures,
        lastFailure: isObjectFailure(lastFailure) ? lastFailure : undefined,
      });
    } else outcomes.set(candidate, outcomeOfClaim(outcome));
  }
  return { claimed, outcomes };
}

function outcomeOfClaim(outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>): Outcome {
  switch (outcome.kind) {
    case 'delivered':
      return { kind: 'duplicate', bundle: outcome.bundle };
    case 'busy':
      return { kind: 'retry', why: 'busy', detail: `claimed for ${outcome.bundle}`, until: outcome.until };
    case 'unknown':
      return { kind: 'retry', why: 'claim-unknown', detail: String(outcome.cause) };
  }
}

/** Releases the claims of members whose bundle was never published, and keeps the count of their failures. */
export async function releaseMembers(
  candidates: readonly Candidate[],
  { bundle, expires }: Pick<Claim, 'bundle' | 'expires'>,
  { ledger, log, maxConcurrentClaims }: ClaimDependencies,
): Promise<void> {
  await mapConcurrently(candidates, maxConcurrentClaims, async ({ landed, id, failures, lastFailure }) => {
    try {
      await ledger.release(landed, { bundle, failures, lastFailure, expires });
    } catch (error) {
      // The claim expires by itself.
      log.warn('claim.unreleased', { bundle, object: id, error });
    }
  });
}
