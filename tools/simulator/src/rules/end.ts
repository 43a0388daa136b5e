import { hash } from 'node:crypto';
import { groupOfBundle, originalKey, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { GroupOf } from '@data-aggregator/shared-processing/groups';
import { bundleId, claimId, objectIdOf, unpackIds } from '@data-aggregator/shared-processing/ledger';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { checksumDifference, manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { parseReceipt, receiptKey } from '@data-aggregator/shared-processing/receipt';
import { INBOX, type Machine } from '../actors/consumer.ts';
import type { LandedFile } from '../actors/uploader.ts';
import { type Cloud, objectsIn } from '../services/cloud.ts';
import { BUCKETS } from '../settings.ts';
import { receiptPath, visibleFiles } from './on-disk.ts';
import { entriesOf } from './read-tar.ts';
import type { Violation } from './violation.ts';

/** A bundle that was published, or a replay of one. */
export interface PublishedBundle {
  key: string;
  content: Buffer;
}

/** What is true when nothing happens any more. */
export interface End {
  cloud: Cloud;
  landed: readonly LandedFile[];
  machines: readonly Machine[];
  groupOf: GroupOf | undefined;
}

/** The bundles that were ever visible, replays included; a key that was published twice is there twice. */
export function publishedBundles({ store }: Cloud): PublishedBundle[] {
  return store
    .keys(BUCKETS.distribution)
    .flatMap((key) =>
      store.versions(BUCKETS.distribution, key).flatMap(({ content }) => (content ? [{ key, content }] : [])),
    );
}

/** Whether a version has a dead letter with a reason, or one that the operator has dropped. */
export function isDeadLetter({ objectId }: LandedFile, { deadLetters, store }: Cloud): boolean {
  const isInQueue = [...deadLetters.messages.values()].some(
    ({ body, attributes }) => attributes['reason'] !== undefined && objectsIn(body).includes(objectId),
  );
  return isInQueue || droppedBodies(store).some((body) => objectsIn(body).includes(objectId));
}

function droppedBodies(store: Cloud['store']): string[] {
  return store
    .keys(BUCKETS.archive)
    .filter((key) => key.startsWith('dropped/'))
    .flatMap((key) => {
      const content = String(store.versions(BUCKETS.archive, key).at(-1)?.content);
      const { letters } = JSON.parse(content) as { letters: { body: string }[] };
      return letters.map(({ body }) => body);
    });
}

/** Checks the rules once the queues are empty and the consumers have every bundle. */
export async function checkEnd(end: End): Promise<Violation | undefined> {
  const { cloud, landed, machines, groupOf } = end;
  const published = publishedBundles(cloud);
  const violation =
    checkKeys(published) ??
    landed.map((file) => checkFile(file, published, cloud)).find(Boolean) ??
    checkDisks(published, end) ??
    published.map(({ key }) => checkReceipts(key, cloud, machines)).find(Boolean);
  if (violation) return violation;
  for (const { key, content } of published) {
    const broken = await checkBundle(key, content, cloud, groupOf);
    if (broken) return broken;
  }
  return undefined;
}

function checkKeys(published: readonly PublishedBundle[]): Violation | undefined {
  const keys = new Set<string>();
  for (const { key } of published) {
    if (keys.has(key)) return { rule: 'no bundle is published twice', detail: `${key} was published twice` };
    keys.add(key);
  }
  return undefined;
}

function checkFile(
  file: LandedFile,
  published: readonly PublishedBundle[],
  cloud: Cloud,
): Violation | undefined {
  const what = nameOf(file.content);
  const bundles = published.filter(
    ({ key, content }) =>
      !key.startsWith(REPLAY_PREFIX) && entriesOf(content).some((entry) => entry.content === file.content),
  );
  const keys = bundles.map(({ key }) => key);
  if (keys.length > 1)
    return { rule: 'no file is delivered twice', detail: `${what} is in ${keys.join(' and ')}` };
  if (!file.isGood && keys.length > 0) {
    return { rule: 'what cannot be bundled is not', detail: `${what} is in ${keys[0]}` };
  }
  if (keys.length === 0 && !isDeadLetter(file, cloud)) {
    return { rule: 'no file is lost', detail: `${what} is neither in a bundle nor in the dead-letter queue` };
  }
  return undefined;
}

/** Every published bundle is on one disk, once, and nothing else is there. */
function checkDisks(published: readonly PublishedBundle[], { landed, machines }: End): Violation | undefined {
  const rule = 'every file is on the disk exactly once';
  const expected = new Map<string, number>();
  for (const { content } of published) {
    for (const entry of entriesOf(content))
      expected.set(entry.content, (expected.get(entry.content) ?? 0) + 1);
  }
  const known = new Set(landed.map(({ content }) => content));
  for (const content of expected.keys()) {
    if (!known.has(content))
      return { rule: 'bundles hold what landed', detail: `a bundle holds ${nameOf(content)}` };
  }
  const found = new Map<string, string[]>();
  for (const machine of machines) {
    if (machine.setAside.length > 0)
      return { rule: 'no sound bundle is set aside', detail: `${machine.name}: ${machine.setAside[0]}` };
    for (const [path, content] of visibleFiles(machine)) {
      if (!expected.has(content))
        return { rule, detail: `${machine.name} has ${path}, which is ${nameOf(content)}` };
      found.set(content, [...(found.get(content) ?? []), `${machine.name}:${path}`]);
    }
  }
  for (const [content, times] of expected) {
    const places = found.get(content) ?? [];
    if (places.length !== times)
      return {
        rule,
        detail: `${nameOf(content)} is at ${places.join(' and ') || 'no path'} instead of ${times}`,
      };
  }
  return undefined;
}

/** The archive and one disk have a receipt of the bundle, which the consumer has deleted. */
function checkReceipts(key: string, { store }: Cloud, machines: readonly Machine[]): Violation | undefined {
  const rule = 'receipts, bundles and disks agree';
  if (store.versions(BUCKETS.distribution, key).at(-1)?.content)
    return { rule, detail: `${key} is still in the bucket` };
  const text = store.versions(BUCKETS.archive, receiptKey(key)).at(-1)?.content;
  if (!text) return { rule, detail: `the archive has no receipt of ${key}` };
  const { bundle, members, consumer } = parseReceipt(String(text), key);
  const published = store.versions(BUCKETS.distribution, key).find(({ content }) => content)?.content;
  if (published?.length !== bundle.size || entriesOf(published).length !== members)
    return { rule, detail: `the receipt of ${key} describes another bundle` };
  const owners = machines.filter(({ disk }) => disk.files(INBOX, false).has(receiptPath(key)));
  const [owner] = owners;
  if (owners.length !== 1 || owner === undefined)
    return { rule, detail: `${owners.length} disks have a receipt of ${key}` };
  if (!consumer.endsWith(owner.name.slice(-1)))
    return { rule, detail: `${owner.name} has a receipt of ${key}, and the archive one of ${consumer}` };
  return undefined;
}

/** Bundle, manifest and ledger must agree. */
async function checkBundle(
  key: string,
  content: Buffer,
  cloud: Cloud,
  groupOf: GroupOf | undefined,
): Promise<Violation | undefined> {
  const rule = 'bundle, manifest and ledger agree';
  const original = originalKey(key);
  const stored = cloud.store.versions(BUCKETS.archive, manifestKey(original)).at(-1);
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
  if (original !== key) return undefined;

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

/** A content for people, without its padding. */
export function nameOf(content: string): string {
  return JSON.stringify(content.replace(/\.+$/, '…'));
}

async function checksumsOf(content: Buffer) {
  return { sha256: hash('sha256', content, 'hex'), crc64nvme: await checksumOf('crc64nvme', content) };
}
