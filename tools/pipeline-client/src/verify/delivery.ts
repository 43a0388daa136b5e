import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import type { Quarantined } from '../dead-letters.ts';
import type { SentObject } from '../upload.ts';
import type { CheckedBundle, CheckedMember } from './bundle.ts';

/** The outcome of every sent object. */
export interface Delivery {
  /** Objects in exactly one bundle, with the bytes that were sent. */
  delivered: SentObject[];
  quarantined: (Quarantined & { key: string })[];
  /** Keys of lost objects: in no bundle and in no dead letter. */
  missing: string[];
  /** Objects with other bytes, in more than one place, or never sent. */
  mismatched: { key: string; problem: string }[];
}

interface Holding {
  bundle: CheckedBundle;
  member: CheckedMember;
}

/**
 * Finds where each sent object ended up. It must be in exactly one place.
 *
 * @param quarantined by identity
 */
export function checkDelivery(
  sent: readonly SentObject[],
  bundles: readonly CheckedBundle[],
  quarantined: ReadonlyMap<string, Quarantined>,
): Delivery {
  const delivery: Delivery = { delivered: [], quarantined: [], missing: [], mismatched: [] };
  const holdings = holdingsById(bundles);
  for (const object of sent) {
    const id = identityOf(object);
    const found = holdings.get(id) ?? [];
    holdings.delete(id);
    const why = quarantined.get(id);
    if (found.length === 0) {
      if (why) delivery.quarantined.push({ key: object.key, ...why });
      else delivery.missing.push(object.key);
      continue;
    }
    const problem = problemOf(object, found, why);
    if (problem === undefined) delivery.delivered.push(object);
    else delivery.mismatched.push({ key: object.key, problem });
  }
  for (const [foreign] of holdings.values()) {
    if (foreign) {
      const { bundle, member } = foreign;
      delivery.mismatched.push({
        key: member.key,
        problem: `${bundle.key} contains it, but it was never sent`,
      });
    }
  }
  for (const { key, members, problems } of bundles) {
    // Otherwise its members report the problems.
    if (members.length === 0) delivery.mismatched.push({ key, problem: problems.join('; ') });
  }
  return delivery;
}

function problemOf(
  object: SentObject,
  found: readonly Holding[],
  quarantined: Quarantined | undefined,
): string | undefined {
  if (found.length > 1)
    return `it is in several bundles: ${found.map(({ bundle }) => bundle.key).join(', ')}`;
  if (quarantined) return `it is in a bundle, and in a dead letter: ${quarantined.reason}`;
  for (const { bundle, member } of found) {
    if (bundle.problems.length > 0) return `${bundle.key}: ${bundle.problems.join('; ')}`;
    if (member.problem !== undefined) return `${bundle.key}: ${member.problem}`;
    if (member.size !== object.size) return `${member.size} bytes instead of ${object.size}`;
    if ((member.sha256 ?? member.extractedSha256) !== object.sha256)
      return 'its bytes differ from those sent';
  }
  return undefined;
}

function holdingsById(bundles: readonly CheckedBundle[]): Map<string, Holding[]> {
  const holdings = new Map<string, Holding[]>();
  for (const bundle of bundles) {
    for (const member of bundle.members) {
      const id = identityOf(member);
      holdings.set(id, [...(holdings.get(id) ?? []), { bundle, member }]);
    }
  }
  return holdings;
}
