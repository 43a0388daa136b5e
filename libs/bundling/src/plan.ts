import { maxMembersWith } from './failures.ts';
import type { Candidate } from './outcome.ts';

/**
 * A bundle of small members, each read and verified before it enters the tar, or a bundle with one large member, which is streamed
 * (`single`) or copied within S3 (`copy`).
 */
export type PlannedBundle =
  | { kind: 'packed'; members: Candidate[]; bytes: number }
  | { kind: 'single'; member: Candidate }
  | { kind: 'copy'; member: Candidate };

export interface PlanLimits {
  /** Bytes of members in a packed bundle. */
  maxBytes: number;
  maxMembers: number;
  /** Larger members get their own bundle, so that a broken body affects no other member. */
  largeBytes: number;
  /** Objects larger than this are another function's; undefined if there is none. */
  forwardBytes?: number | undefined;
  /** Whether a large object is copied; none is if it is not set. */
  isCopied?: ((candidate: Candidate) => boolean) | undefined;
}

/**
 * Divides candidates among bundles in their order. A packed bundle is closed by bytes or by count, whichever is reached first; its members
 * have failed equally often. Every candidate is in exactly one bundle, and no bundle is empty.
 */
export function planBundles(candidates: readonly Candidate[], limits: PlanLimits): PlannedBundle[] {
  const planned: PlannedBundle[] = [];
  const openBundles = new Map<number, Extract<PlannedBundle, { kind: 'packed' }>>();
  for (const candidate of candidates) {
    if (candidate.size > limits.largeBytes) {
      planned.push({ kind: limits.isCopied?.(candidate) ? 'copy' : 'single', member: candidate });
      continue;
    }
    const maxMembers = Math.min(limits.maxMembers, maxMembersWith(candidate.failures));
    let open = openBundles.get(candidate.failures);
    if (!open || open.members.length >= maxMembers || open.bytes + candidate.size > limits.maxBytes) {
      open = { kind: 'packed', members: [], bytes: 0 };
      openBundles.set(candidate.failures, open);
      planned.push(open);
    }
    open.members.push(candidate);
    open.bytes += candidate.size;
  }
  return planned;
}

export function membersOf(bundle: PlannedBundle): readonly Candidate[] {
  return bundle.kind === 'packed' ? bundle.members : [bundle.member];
}

export function bytesOf(bundle: PlannedBundle): number {
  return bundle.kind === 'packed' ? bundle.bytes : bundle.member.size;
}
