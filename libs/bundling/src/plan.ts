import type { Group, GroupOf } from '@data-aggregator/shared-processing/groups';
import { maxMembersWith } from './failures.ts';
import type { Candidate } from './outcome.ts';

/**
 * A bundle of small members, each read and verified before it enters the tar, or a bundle with one large member, which is streamed
 * (`single`) or copied within S3 (`copy`).
 */
export type PlannedBundle = (
  | { kind: 'packed'; members: Candidate[]; bytes: number }
  | { kind: 'single'; member: Candidate }
  | { kind: 'copy'; member: Candidate }
) & {
  /** The group of all its members; undefined if bundles are not divided into groups. */
  group?: Group | undefined;
};

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
  /** The group of a key; undefined if bundles are not divided into groups. */
  groupOf?: GroupOf | undefined;
}

/**
 * Divides candidates among bundles. Every candidate is in exactly one bundle, no bundle is empty, and the members of a bundle belong to one
 * group.
 *
 * The groups take turns, so that each gets its first bundle before one gets a second, however many files it has. In a turn, the group with the
 * oldest file comes first: when time runs out, the rest is requeued and comes first in a later batch.
 *
 *     candidates   a1 a2 a3 a4 a5 b1 a6 c1 b2        (3 members at most; b1 is older than a1, a1 than c1)
 *     bundles      [b1 b2] [a1 a2 a3] [c1]  [a4 a5 a6]
 *
 * Of n candidates with B bytes in g groups, there are at most g + n/maxMembers + 2B/maxBytes bundles, and one more for each large object and each
 * object that has failed before.
 */
export function planBundles(candidates: readonly Candidate[], limits: PlanLimits): PlannedBundle[] {
  const { groupOf } = limits;
  if (!groupOf) return packInOrder(candidates, limits);
  const groups = new Map<string, { group: Group; oldest: number; members: Candidate[] }>();
  for (const candidate of candidates) {
    const { key, landedAt } = candidate.landed;
    const group = groupOf(key);
    const known = groups.get(group.name);
    if (known) {
      known.members.push(candidate);
      known.oldest = Math.min(known.oldest, landedAt);
    } else groups.set(group.name, { group, oldest: landedAt, members: [candidate] });
  }
  const bundlesOfGroups = [...groups.values()]
    .sort((one, other) => one.oldest - other.oldest)
    .map(({ group, members }) => packInOrder(members, limits).map((bundle) => ({ ...bundle, group })));
  return inTurns(bundlesOfGroups);
}

/** The first item of every list, then the second ones, … */
function inTurns<T>(lists: readonly (readonly T[])[]): T[] {
  return lists
    .flatMap((items) => items.map((item, turn) => ({ item, turn })))
    .sort((one, other) => one.turn - other.turn)
    .map(({ item }) => item);
}

/**
 * Divides candidates among bundles in their order. A packed bundle is closed by bytes or by count, whichever is reached first; its members
 * have failed equally often.
 */
function packInOrder(candidates: readonly Candidate[], limits: PlanLimits): PlannedBundle[] {
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
