import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import { checksumDifference, type Manifest } from '@data-aggregator/shared-processing/manifest';
import type { Quarantined, SentObject, TarEntry } from '@data-aggregator/pipeline-client';

/** The files of a bundle as the consumer has put them on disk, and its manifest. */
export interface ReadBundle {
  key: string;
  entries: readonly TarEntry[];
  manifest: Manifest;
}

/** The outcome of every file. */
export interface Verdict {
  /** In no bundle and in no dead letter. */
  lost: string[];
  /** In more than one bundle on disk. */
  duplicated: string[];
  /** Bytes differ from those sent, or from the manifest. */
  mismatched: string[];
  /** In a dead letter, and in no bundle. */
  quarantined: string[];
}

/**
 * Judges a run by the consumer's bytes: every sent version must be in exactly one bundle on disk. A dead letter in addition to a
 * delivery is acceptable: the notification was received too often, but the file was delivered.
 */
export function judge(
  sent: readonly SentObject[],
  bundles: readonly ReadBundle[],
  quarantined: ReadonlyMap<string, Quarantined>,
): Verdict {
  const verdict: Verdict = { lost: [], duplicated: [], mismatched: [], quarantined: [] };
  const deliveries = new Map<string, { bundle: string; sha256: string }[]>();
  for (const { key, entries, manifest } of bundles) {
    const inTar = new Map(entries.map((entry) => [entry.name, entry]));
    if (entries.length !== manifest.members.length)
      verdict.mismatched.push(`${key} holds other members than its manifest`);
    for (const member of manifest.members) {
      const entry = inTar.get(member.name);
      if (!entry || checksumDifference(entry, member) !== undefined)
        verdict.mismatched.push(`${member.name} in ${key} is not as its manifest says`);
      const id = identityOf(member);
      const delivery = { bundle: key, sha256: entry?.sha256 ?? '' };
      deliveries.set(id, [...(deliveries.get(id) ?? []), delivery]);
    }
  }
  for (const object of sent) {
    const id = identityOf(object);
    const [delivery, ...others] = deliveries.get(id) ?? [];
    if (others.length > 0) {
      verdict.duplicated.push(
        `${object.key} is in ${[delivery, ...others].map((it) => it?.bundle).join(' and ')}`,
      );
    }
    if (delivery && delivery.sha256 !== object.sha256) {
      verdict.mismatched.push(`${object.key} in ${delivery.bundle} has other bytes than were sent`);
    }
    if (delivery) continue;
    const why = quarantined.get(id);
    if (why) verdict.quarantined.push(`${object.key}: ${why.reason}`);
    else verdict.lost.push(object.key);
  }
  return verdict;
}
