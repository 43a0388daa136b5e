import { hash } from 'node:crypto';
import { groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import type { GroupOf } from '@data-aggregator/shared-processing/groups';
import { bundleId, claimId, objectIdOf, unpackIds } from '@data-aggregator/shared-processing/ledger';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { checksumDifference, manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import type { Consumer, Pull } from '../actors/consumer.ts';
import type { LandedFile, Landing } from '../actors/uploader.ts';
import { entriesOf } from './read-tar.ts';
import type { Cloud } from '../services/cloud.ts';
import { BUCKETS } from '../settings.ts';

/** A broken rule and the evidence. */
export interface Violation {
  rule: string;
  detail: string;
}

/** Checks the rules once the queue is empty and the consumer has every bundle. */
export async function checkEnd(
  cloud: Cloud,
  landing: Landing,
  consumer: Consumer,
  groupOf: GroupOf | undefined,
): Promise<Violation | undefined> {
  const deliveries = deliveriesOf(consumer.pulls);
  for (const file of landing.landed) {
    const violation = checkFile(file, deliveries.get(file.content) ?? [], cloud);
    if (violation) return violation;
  }
  const known = new Set(landing.landed.map(({ content }) => content));
  for (const [content, [key]] of deliveries) {
    if (!known.has(content))
      return { rule: 'bundles hold what landed', detail: `${key} holds ${JSON.stringify(content)}` };
  }
  for (const pull of consumer.pulls) {
    const violation = await checkBundle(pull, cloud, groupOf);
    if (violation) return violation;
  }
  return undefined;
}

/** The bundles that contained each content when they were pulled. */
function deliveriesOf(pulls: readonly Pull[]): Map<string, string[]> {
  const deliveries = new Map<string, string[]>();
  for (const { key, content: tar } of pulls) {
    for (const { content } of entriesOf(tar))
      deliveries.set(content, [...(deliveries.get(content) ?? []), key]);
  }
  return deliveries;
}

function checkFile(file: LandedFile, bundles: readonly string[], cloud: Cloud): Violation | undefined {
  const what = JSON.stringify(file.content.replace(/\.+$/, '…'));
  if (bundles.length > 1)
    return { rule: 'no file is delivered twice', detail: `${what} is in ${bundles.join(' and ')}` };
  if (!file.isGood && bundles.length > 0) {
    return { rule: 'what cannot be bundled is not', detail: `${what} is in ${bundles[0]}` };
  }
  if (bundles.length === 0 && !isDeadLetter(file, cloud)) {
    return { rule: 'no file is lost', detail: `${what} is neither in a bundle nor in the dead-letter queue` };
  }
  return undefined;
}

function isDeadLetter({ record }: LandedFile, { deadLetters }: Cloud): boolean {
  const body = JSON.stringify({ Records: [record] });
  return [...deadLetters.messages.values()].some(
    (letter) => letter.body === body && letter.attributes['reason'] !== undefined,
  );
}

/** Bundle, manifest and ledger must agree. */
async function checkBundle(
  { key, content }: Pull,
  cloud: Cloud,
  groupOf: GroupOf | undefined,
): Promise<Violation | undefined> {
  const rule = 'bundle, manifest and ledger agree';
  const stored = cloud.store.versions(BUCKETS.archive, manifestKey(key)).at(-1);
  if (!stored?.content) return { rule, detail: `${key} has no manifest` };
  const { bundle, members } = parseManifest(String(stored.content), key);
  if (
    bundle.size !== content.length ||
    checksumDifference(await checksumsOf(content), bundle) !== undefined
  ) {
    return { rule, detail: `the manifest of ${key} describes another bundle` };
  }
  const entries = entriesOf(content);
  const rows = await Promise.all(
    members.map(async (member, index) => {
      const entry = entries[index];
      const held = Buffer.from(entry?.content ?? '');
      const isSame = entry?.name === member.name && held.length === member.size;
      return isSame && checksumDifference(await checksumsOf(held), member) === undefined;
    }),
  );
  if (entries.length !== members.length || rows.includes(false))
    return { rule, detail: `${key} contains other members than its manifest lists` };

  const note = cloud.table.items.get(bundleId(key))?.['members'];
  const ids = members.map(objectIdOf);
  if (note instanceof Uint8Array && unpackIds(note).join() !== ids.join()) {
    return { rule, detail: `the bundle record of ${key} lists other members than its manifest` };
  }
  for (const id of ids) {
    const claim = cloud.table.items.get(claimId(id))?.['bundle'];
    if (claim !== key) return { rule, detail: `an object in ${key} is claimed for ${String(claim)}` };
  }
  for (const member of members) {
    const group = groupOf?.(member.key);
    if (group?.name === groupOfBundle(key) && group?.text === bundle.group) continue;
    return { rule: 'every file is in a bundle of its group', detail: `${member.key} is in ${key}` };
  }
  return undefined;
}

async function checksumsOf(content: Buffer) {
  return { sha256: hash('sha256', content, 'hex'), crc64nvme: await checksumOf('crc64nvme', content) };
}
