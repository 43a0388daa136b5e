import { join } from 'node:path';
import { originalKey } from '@data-aggregator/shared-processing/bundle-key';
import { measure } from '@data-aggregator/shared-processing/checksum';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { Manifest } from '@data-aggregator/shared-processing/manifest';
import { parseReceipt, receiptKey, type ReceiptLayout } from '@data-aggregator/shared-processing/receipt';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import type { Archive, Distribution } from '../aws/buckets.ts';
import { downloadBundle } from '../download/download.ts';
import { DamagedBundle, DamagedInTransit } from '../extract/damaged-bundle.ts';
import { expectedContent } from '../extract/expected.ts';
import { extractBundle } from '../extract/extract.ts';
import { bundleId } from '../inbox/bundle-id.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { archiveReceipt, type LocalReceipt, type PlacedFile } from '../inbox/local-receipt.ts';
import { chooseFolder, choosePaths, placeFiles } from '../inbox/place.ts';
import { TooLittleSpace } from './condition.ts';

/*
 * The steps of one bundle. The process can die between any two, and inside each.
 *
 *      ┌ find ─┬ download ─┬ extract ─┬ plan ──┬ COMMIT ───────┬ place ──┬ receipt ─┬ hook ─┬ delete ─┬ acknowledge
 *      │       │ resumes   │ verified │ synced │ PUT receipt   │ rename, │ on disk, │       │ marker  │ message
 *      │       │           │ synced   │        │ if none       │ sync    │ synced   │       │         │
 *      └───────┴───────────┴──────────┴────────┴───────────────┴─────────┴──────────┴───────┴─────────┴────▶ time
 *  die here:   │ start again, with   │ go on from the plan,    │ rename   │ only     │ the bundle and its message are
 *              │ the parts on disk   │ without the network     │ is done  │ clean up │ seen again; the receipt says all
 *              │                     │ until the commit        │ or not   │          │ is done: delete, acknowledge
 *
 * The commit decides, and nothing else: one PUT of `receipts/<bundle>.json` in the archive with `If-None-Match: *`, after every file is
 * verified and synced and before any is visible. Of all consumers, one succeeds; the others throw their copy away. It needs no lease and
 * no clock, so a consumer that was suspended for a day still cannot deliver what another has delivered. If its response is lost, it is
 * sent again: no two plans have the same text, so "exists" with our own text means that it has succeeded.
 */

/** How a bundle ended. */
export type Outcome =
  | { kind: 'delivered'; receipt: LocalReceipt }
  /** This inbox has its receipt: it was delivered before, and is now deleted from the bucket. */
  | { kind: 'known' }
  /** Another consumer has it. */
  | { kind: 'taken'; by: string }
  /** It is no longer in the bucket. */
  | { kind: 'gone' }
  | { kind: 'set-aside'; reason: string; detail: string };

export interface BundleWork {
  inbox: Inbox;
  /** The consumer's name for itself. */
  consumer: string;
  layout: ReceiptLayout;
  distribution: Distribution;
  archive: Archive;
  rules: RetryRules;
  signal: AbortSignal;
  /** Whether a bundle that this inbox has delivered before is delivered again. */
  isReplay: boolean;
  /** Free bytes that must remain on the disk. */
  reserveBytes: number;
  /** Runs the hook of a placed bundle; undefined if there is none. */
  hook: ((receipt: LocalReceipt) => Promise<void>) | undefined;
  onBytes: (bytes: number) => void;
}

/**
 * Processes one bundle. It can be called again at any time.
 *
 * @param key its key in the distribution bucket
 * @param likelyTaken asks for a receipt of another consumer before the download
 * @throws DamagedInTransit; CallError; errors of the disk; the signal's reason
 */
export async function consumeBundle(key: string, work: BundleWork, likelyTaken = false): Promise<Outcome> {
  const { inbox, distribution, rules } = work;
  if (inbox.hasReceipt(key)) {
    await withRetries(() => distribution.remove(key), rules);
    return { kind: 'known' };
  }
  if (inbox.isSetAside(key))
    return { kind: 'set-aside', reason: 'set-aside', detail: 'it was set aside before' };
  const plan = await inbox.plan(key);
  if (plan) return finishBundle(plan, work);
  if (likelyTaken) {
    const by = await takenBy(key, work);
    if (by !== undefined) return { kind: 'taken', by };
  }
  try {
    const prepared = await prepare(key, work);
    return prepared ? await completeBundle(prepared, work) : { kind: 'gone' };
  } catch (error) {
    if (!(error instanceof DamagedBundle)) throw error;
    const { reason, message: detail } = error;
    await inbox.setAside({ key, reason, detail, at: new Date(rules.clock.now()).toISOString() });
    return { kind: 'set-aside', reason, detail };
  }
}

/** Continues from a plan that was found on disk. */
export async function finishBundle(plan: LocalReceipt, work: BundleWork): Promise<Outcome> {
  // Whoever wrote it may have died before its name was on disk. A commit without a plan would make the next attempt throw the bundle away.
  await work.inbox.syncPlan(plan.bundle.key);
  return completeBundle(plan, work);
}

/** From here on, the files are only moved. */
async function completeBundle(plan: LocalReceipt, work: BundleWork): Promise<Outcome> {
  const { inbox, distribution, rules, hook } = work;
  const { key } = plan.bundle;
  const owner = await commit(plan, work);
  if (owner !== 'us') {
    await inbox.discardWork(key);
    if (owner.by !== undefined) return { kind: 'taken', by: owner.by };
    await withRetries(() => distribution.remove(key), rules);
    return { kind: 'known' };
  }
  const receipt = await placeFiles(inbox, plan);
  // Before the receipt, because after it nothing would remember the hook.
  if (hook) await inbox.expectHook(key);
  await inbox.finish(key);
  await hook?.(receipt);
  await withRetries(() => distribution.remove(key), rules);
  return { kind: 'delivered', receipt };
}

/** @returns `us` if this plan is what the bundle becomes; otherwise the other consumer, or nobody if this inbox had it before */
async function commit(plan: LocalReceipt, work: BundleWork): Promise<'us' | { by: string | undefined }> {
  const { archive, consumer, rules, isReplay } = work;
  const { key } = plan.bundle;
  const text = archiveReceipt(plan);
  const result = await withRetries(() => archive.putReceipt(key, text), rules);
  if (result === 'stored') return 'us';
  const existing = await withRetries(() => archive.receipt(key), rules);
  if (existing === undefined) {
    // An operator has just removed it. The next attempt stores ours.
    throw new CallError(`GET ${receiptKey(key)}`, { outcome: 'unknown', code: 'ReceiptRemoved' });
  }
  if (existing === text) return 'us';
  const owner = parseReceipt(existing, receiptKey(key)).consumer;
  if (!isSameInbox(owner, consumer)) return { by: owner };
  return isReplay ? 'us' : { by: undefined };
}

/** The host in a consumer's name may change; the id of its inbox does not. */
function isSameInbox(one: string, other: string): boolean {
  return one.split('/').at(-1) === other.split('/').at(-1);
}

/** The other consumer that has a bundle, if there is one. */
async function takenBy(key: string, { archive, consumer, rules }: BundleWork): Promise<string | undefined> {
  try {
    const text = await withRetries(() => archive.receipt(key), rules);
    const owner = text === undefined ? undefined : parseReceipt(text, receiptKey(key)).consumer;
    return owner === undefined || isSameInbox(owner, consumer) ? undefined : owner;
  } catch (error) {
    // Without permission to list the archive, S3 answers 403 for a missing receipt.
    if (error instanceof CallError && error.code === 'AccessDenied') return undefined;
    throw error;
  }
}

/**
 * Downloads, verifies and extracts a bundle.
 *
 * @returns undefined if it is not in the bucket
 * @throws DamagedBundle; DamagedInTransit
 */
async function prepare(key: string, work: BundleWork): Promise<LocalReceipt | undefined> {
  const { inbox, distribution, archive, rules, signal, onBytes } = work;
  const { disk } = inbox;
  const startedAt = rules.clock.now();
  const folder = inbox.paths.work(key);
  const text = await withRetries(() => archive.manifest(originalKey(key), signal), { ...rules, signal });
  const manifest = expectedContent(key, text);
  await checkSpace(manifest, work);
  /** Of the damaged bytes of the first download. */
  let damagedSha256: string | undefined;
  for (;;) {
    const download = await downloadBundle(key, folder, { ...rules, distribution, signal, onBytes, disk });
    if (download === undefined) {
      await inbox.discardWork(key);
      return undefined;
    }
    const files = join(folder, 'files');
    await disk.rm(files, { recursive: true, force: true });
    try {
      await extractBundle(download.file, manifest, files, signal, disk);
      const plan = await planOf(key, manifest, { versionId: download.versionId, startedAt }, work);
      await inbox.writePlan(plan);
      return plan;
    } catch (error) {
      if (!(error instanceof DamagedBundle)) {
        // On a full disk, every byte helps; the download stays, and is continued later. Files that a visible plan is about stay.
        if (!inbox.hasPlan(key)) await disk.rm(files, { recursive: true, force: true });
        throw error;
      }
      // The bytes may have changed in transit or on this disk. The same bytes from a second download are those of the bucket.
      const bytes = disk.createReadStream(download.file, { highWaterMark: 1024 ** 2 });
      const { sha256 } = await measure(bytes as AsyncIterable<Buffer>);
      await inbox.discardWork(key);
      if (damagedSha256 === sha256) throw error;
      if (damagedSha256 !== undefined) {
        const detail = `two damaged downloads differ: SHA-256 ${damagedSha256} and ${sha256}`;
        throw new DamagedInTransit(`${detail}; ${error.message}`, { cause: error });
      }
      damagedSha256 = sha256;
    }
  }
}

async function checkSpace({ bundle, members }: Manifest, { inbox, reserveBytes }: BundleWork): Promise<void> {
  const needed = bundle.size + members.reduce((sum, { size }) => sum + size, 0) + reserveBytes;
  const free = await inbox.freeBytes();
  if (free < needed) {
    throw new TooLittleSpace(
      `${bundle.key} needs ${needed} bytes including the reserve, and ${free} are free`,
    );
  }
}

async function planOf(
  key: string,
  { bundle, members }: Manifest,
  { versionId, startedAt }: { versionId: string | undefined; startedAt: number },
  { inbox, consumer, layout, rules }: BundleWork,
): Promise<LocalReceipt> {
  const versions = members.map(versionTextOf);
  const folder = layout === 'bundle' ? await chooseFolder(inbox, bundleId(key)) : '';
  const paths =
    layout === 'bundle'
      ? members.map(({ name }) => `${folder}/${name}`)
      : await choosePaths(
          inbox,
          members.map((member, index) => ({
            name: member.name,
            identity: `${member.key}/${versions[index] ?? ''}`,
          })),
        );
  const checksums = (of: { sha256?: string | undefined; crc64nvme?: string | undefined }) =>
    of.sha256 !== undefined ? { sha256: of.sha256 } : { crc64nvme: of.crc64nvme };
  const landed = members.map(({ landedAt }) => landedAt);
  return {
    bundle: { key, versionId, size: bundle.size, ...checksums(bundle) },
    consumer,
    layout,
    folder,
    firstLandedAt: landed.reduce((a, b) => Math.min(a, b)),
    lastLandedAt: landed.reduce((a, b) => Math.max(a, b)),
    startedAt,
    finishedAt: rules.clock.now(),
    files: members.map((member, index): PlacedFile => ({
      name: member.name,
      path: paths[index] ?? member.name,
      size: member.size,
      ...checksums(member),
      key: member.key,
      versionId: versions[index],
    })),
  };
}
