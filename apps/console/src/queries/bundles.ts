import { pipeline } from 'node:stream/promises';
import { PassThrough, Readable } from 'node:stream';
import { type ListObjectVersionsCommandOutput, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import {
  decompressor,
  readManifest,
  readReceipt,
  sectionsOf,
} from '@data-aggregator/shared-processing/archive';
import {
  BUNDLE_PREFIX,
  bundleTime,
  groupOfBundle,
  hourPrefix,
  isConsumedKey,
  originalKey,
  REPLAY_PREFIX,
} from '@data-aggregator/shared-processing/bundle-key';
import { type Manifest, manifestKey } from '@data-aggregator/shared-processing/manifest';
import { ReceiptError } from '@data-aggregator/shared-processing/receipt';
import { withRetries } from '@data-aggregator/shared-processing/retry';
import type { ListedObject } from '@data-aggregator/shared-processing/s3';
import { versionTextOf } from '@data-aggregator/shared-processing/s3-event';
import { manifestsInArchive, sourcesOf, verify } from '@data-aggregator/operations/verify';
import { extract } from 'tar-stream';
import type { BundleDetail, BundlePage, BundleState, BundleSummary, BundleVerdict } from '../api.ts';
import type { BundleQuery, MemberFile, MemberQuery } from '../server/backend.ts';
import { ConsoleError } from '../server/console-error.ts';
import type { Environment } from './environment.ts';

const DAY_MS = 86_400_000;
/** How far back taken bundles are searched for one page, in days. A page may be empty and still have a next one. */
const MAX_DAYS = 31;
/** Older bundles are not searched: with groups, it is not known when the oldest was begun. */
const MAX_AGE_DAYS = 800;
/** Waiting bundles are listed anew after this time. */
const FRESH_MS = { local: 1_000, aws: 30_000 } as const;
const MAX_KEPT_MANIFESTS = 20;

/** Bundles: lists, contents, members. */
export interface BundleQueries {
  list(query: BundleQuery): Promise<BundlePage>;
  detail(query: MemberQuery): Promise<BundleDetail>;
  verify(key: string): Promise<BundleVerdict>;
  member(bundle: string, index: number): Promise<MemberFile>;
  /** The manifest of a bundle; undefined if there is none. Manifests never change, so the latest are kept. */
  manifest(bundle: string): Promise<Manifest | undefined>;
}

export function createBundles(environment: Environment): BundleQueries {
  const { clock, listing, resources, store, target } = environment;
  const { distribution, archive } = resources.buckets;
  let waiting: { at: number; bundles: Promise<BundleSummary[]> } | undefined;
  const manifests = new Map<string, Manifest>();

  const summaryOf = ({ key, size, lastModified }: ListedObject, state: BundleState): BundleSummary => {
    const group = groupOfBundle(key);
    return {
      key,
      ...(group !== undefined && { group }),
      state,
      size,
      publishedAt: lastModified,
      isReplay: key.startsWith(REPLAY_PREFIX),
    };
  };

  async function listAll(bucket: string, prefix: string): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    let after: string | undefined;
    do {
      const start = { bucket, prefix, after };
      const { objects, next } = await withRetries(() => listing.objects(start), environment);
      found.push(...objects);
      after = next;
    } while (after !== undefined);
    return found;
  }

  async function allWaiting(): Promise<BundleSummary[]> {
    if (!waiting || clock.now() - waiting.at >= FRESH_MS[target]) {
      const bundles = Promise.all(
        [BUNDLE_PREFIX, REPLAY_PREFIX].map((prefix) => listAll(distribution, prefix)),
      ).then((lists) =>
        lists
          .flat()
          .map((one) => summaryOf(one, 'waiting'))
          .sort(newestFirst),
      );
      waiting = { at: clock.now(), bundles };
      // The caller gets the error; the next one tries again.
      bundles.catch(() => (waiting = undefined));
    }
    return waiting.bundles;
  }

  async function listWaiting({ after, limit }: BundleQuery): Promise<BundlePage> {
    const all = await allWaiting();
    const position = after === undefined ? -1 : positionOf(after);
    const begin = typeof position === 'number' ? 0 : all.findIndex((one) => newestFirst(position, one) < 0);
    const bundles = begin === -1 ? [] : all.slice(begin, begin + limit);
    const last = bundles.at(-1);
    const hasMore = begin !== -1 && begin + limit < all.length;
    return { state: 'waiting', bundles, ...(hasMore && last && { next: `${last.publishedAt}|${last.key}` }) };
  }

  /** Day by day from the newest, because keys sort by the hour in which a bundle was begun, oldest first. */
  async function listTaken({ after, limit }: BundleQuery): Promise<BundlePage> {
    const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
    const [dayText = String(today), keyText] = after?.split('|') ?? [];
    const first = Number(dayText);
    if (!Number.isSafeInteger(first / DAY_MS))
      throw new ConsoleError('invalid', 'after: is not from a page.');
    const sections = await sectionsOf(
      BUNDLE_PREFIX,
      { from: first - MAX_DAYS * DAY_MS, to: clock.now() },
      { ...environment, archive },
    );
    if (sections.length === 0) return { state: 'taken', bundles: [] };
    const groups = [...new Set(sections.map(({ group }) => group))];
    const isWaiting = new Set((await allWaiting()).map(({ key }) => key));
    const bundles: BundleSummary[] = [];
    for (let day = first; day > first - MAX_DAYS * DAY_MS; day -= DAY_MS) {
      const prefixes = groups.map((group) => dayPrefix(day, group));
      const listed = (await Promise.all(prefixes.map((prefix) => listAll(archive, prefix)))).flat();
      const ofDay = listed
        .filter(({ key }) => !isWaiting.has(key))
        .map((one) => summaryOf(one, 'taken'))
        .sort(newestFirst);
      const position =
        day === first && keyText !== undefined ? ofDay.findIndex(({ key }) => key === keyText) : -1;
      const rest = ofDay.slice(position + 1);
      const room = limit - bundles.length;
      bundles.push(...rest.slice(0, room));
      if (rest.length > room) return { state: 'taken', bundles, next: `${day}|${bundles.at(-1)?.key ?? ''}` };
      if (rest.length === room) return { state: 'taken', bundles, next: String(day - DAY_MS) };
    }
    const oldest = Math.min(...sections.map(({ prefix }) => yearOf(prefix)));
    const end = first - MAX_DAYS * DAY_MS;
    const limitOfSearch = Math.max(oldest, clock.now() - MAX_AGE_DAYS * DAY_MS);
    return { state: 'taken', bundles, ...(end > limitOfSearch && { next: String(end) }) };
  }

  async function manifest(bundle: string): Promise<Manifest | undefined> {
    const key = originalKey(bundle);
    const known = manifests.get(key);
    if (known) return known;
    const found = await readManifest(key, archive, environment);
    if (!found) return undefined;
    manifests.set(key, found);
    for (const old of [...manifests.keys()].slice(0, -MAX_KEPT_MANIFESTS)) manifests.delete(old);
    return found;
  }

  async function manifestOf(bundle: string): Promise<Manifest> {
    if (!isConsumedKey(bundle)) {
      throw new ConsoleError('not-found', `Keys of bundles begin with ${BUNDLE_PREFIX} or ${REPLAY_PREFIX}.`);
    }
    const found = await manifest(bundle);
    if (!found) throw new ConsoleError('not-found', `There is no manifest of ${bundle} in the archive.`);
    return found;
  }

  return {
    manifest,
    list: (query) => (query.state === 'waiting' ? listWaiting(query) : listTaken(query)),

    async detail({ key, part, offset, limit }) {
      const { bundle, members } = await manifestOf(key);
      const { history, isArchived, receipt } = await deliveryOf(key, environment);
      const matching = members
        .map((member, index) => ({ member, index }))
        .filter(({ member }) => part === '' || member.key.includes(part) || member.name.includes(part));
      const group = groupOfBundle(key);
      return {
        key,
        ...(group !== undefined && { group }),
        state: bundleStateOf({ history, isArchived, receipt }),
        size: bundle.size,
        format: bundle.format,
        ...checksumsOf(bundle),
        createdAt: bundle.createdAt,
        ...(history.publishedAt !== undefined && { publishedAt: history.publishedAt }),
        isReplicated: isArchived,
        ...(history.takenAt !== undefined && { takenAt: history.takenAt }),
        ...receipt,
        total: members.length,
        memberBytes: members.reduce((sum, { size }) => sum + size, 0),
        matching: matching.length,
        members: matching.slice(offset, offset + limit).map(({ member, index }) => ({
          index,
          key: member.key,
          name: member.name,
          versionId: versionTextOf(member),
          size: member.size,
          ...checksumsOf(member),
          etag: member.etag,
          ...(member.verifiedBy !== undefined && { verifiedBy: member.verifiedBy }),
          landedAt: member.landedAt,
        })),
        manifestKey: manifestKey(originalKey(key)),
      };
    },

    async verify(key) {
      const begun = clock.now();
      const connection = async () => environment;
      const [source] = isConsumedKey(key) ? await sourcesOf(key, connection) : [];
      if (!source) throw new ConsoleError('not-found', `${key} is not the key of a bundle.`);
      const { place, files, problems } = await verify(source, manifestsInArchive(connection));
      return { key, place, files, problems, seconds: (clock.now() - begun) / 1000 };
    },

    async member(bundle, index) {
      const { bundle: about, members } = await manifestOf(bundle);
      const member = members[index];
      if (!member) throw new ConsoleError('not-found', `${bundle} has no file ${index}.`);
      const history = await withRetries(() => store.head(distribution, bundle), environment);
      const bucket = history.kind === 'present' ? distribution : archive;
      const key = bucket === archive ? originalKey(bundle) : bundle;
      return {
        fileName: member.name.split('/').at(-1) ?? member.name,
        size: member.size,
        open: async () => {
          const { body } = await withRetries(() => store.get({ bucket, key }), environment);
          return memberBody(body, about.format, index);
        },
      };
    },
  };
}

/** The bytes of one file of a bundle. What follows it is not downloaded. */
function memberBody(
  bundle: AsyncIterable<Uint8Array>,
  format: Manifest['bundle']['format'],
  index: number,
): Readable {
  const output = new PassThrough();
  const entries = extract();
  const stop = new AbortController();
  const unpacked = pipeline(Readable.from(bundle), decompressor(format), entries, { signal: stop.signal });
  unpacked.catch((error: unknown) => {
    if (!stop.signal.aborted) output.destroy(error as Error);
  });
  const copy = async () => {
    let at = 0;
    for await (const entry of entries) {
      if (at++ < index) {
        entry.resume();
        continue;
      }
      await pipeline(entry, output);
      stop.abort();
      return;
    }
    throw new Error(`the bundle has only ${at} files`);
  };
  copy().catch((error: unknown) => output.destroy(error as Error));
  // Who stops reading ends the download.
  output.on('close', () => stop.abort());
  return output;
}

/** What became of a published bundle. */
export interface Delivery {
  history: Awaited<ReturnType<typeof historyOf>>;
  isArchived: boolean;
  receipt: Awaited<ReturnType<typeof receiptOf>>;
}

/** Lifecycle rules expire objects at the midnight after this time, or later. */
const MIN_EXPIRATION_MS = DAY_MS;

/**
 * What the buckets show of a bundle. Lifecycle rules expire a bundle with a delete marker, as the consumer's delete does, so only a receipt, or
 * a marker from before the shortest expiration, proves that the consumer took it.
 */
export function bundleStateOf({ history, isArchived, receipt }: Delivery): BundleDetail['state'] {
  const { isPresent, publishedAt, takenAt } = history;
  if (isPresent) return 'waiting';
  if (receipt.receipt) return 'taken';
  if (takenAt === undefined) return isArchived ? 'taken-or-expired' : 'gone';
  const isSooner = publishedAt !== undefined && takenAt - publishedAt < MIN_EXPIRATION_MS;
  return isSooner ? 'taken' : 'taken-or-expired';
}

export async function deliveryOf(bundle: string, environment: Environment): Promise<Delivery> {
  const { listing, resources } = environment;
  const key = originalKey(bundle);
  const [history, replica, receipt] = await Promise.all([
    historyOf(bundle, environment),
    withRetries(() => listing.objects({ bucket: resources.buckets.archive, prefix: key }), environment),
    receiptOf(bundle, environment),
  ]);
  return { history, isArchived: replica.objects.some((one) => one.key === key), receipt };
}

/** The receipt of a bundle, or what is wrong with it. The consumer writes receipts, so one may be invalid. */
async function receiptOf(
  bundle: string,
  environment: Pick<Environment, 'resources' | 'store' | 'clock' | 'random'>,
): Promise<Pick<BundleDetail, 'receipt' | 'receiptProblem'>> {
  try {
    const stored = await readReceipt(bundle, environment.resources.buckets.archive, environment);
    if (!stored) return {};
    const { consumer, members, layout } = stored.receipt;
    return { receipt: { onDiskAt: stored.onDiskAt, consumer, members, layout } };
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    return { receiptProblem: error.message };
  }
}

/** When a bundle was published, and taken or expired, from the versions of its key. */
async function historyOf(
  key: string,
  { s3, resources }: Pick<Environment, 's3' | 'resources'>,
): Promise<{ isPresent: boolean; publishedAt?: number; takenAt?: number }> {
  const page: ListObjectVersionsCommandOutput = await s3.send(
    new ListObjectVersionsCommand({ Bucket: resources.buckets.distribution, Prefix: key, MaxKeys: 10 }),
  );
  const versions = (page.Versions ?? []).filter(({ Key }) => Key === key);
  const markers = (page.DeleteMarkers ?? []).filter(({ Key }) => Key === key);
  const timeOf = (one: { LastModified?: Date | undefined } | undefined) => one?.LastModified?.getTime();
  const publishedAt = timeOf(versions.at(-1));
  const takenAt = timeOf(markers.find(({ IsLatest }) => IsLatest));
  return {
    isPresent: versions.some(({ IsLatest }) => IsLatest === true),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(takenAt !== undefined && { takenAt }),
  };
}

export function checksumsOf({ sha256, crc64nvme }: { sha256?: string; crc64nvme?: string }) {
  return { ...(sha256 !== undefined && { sha256 }), ...(crc64nvme !== undefined && { crc64nvme }) };
}

type Position = Pick<BundleSummary, 'publishedAt' | 'key'>;

function newestFirst(a: Position, b: Position): number {
  return b.publishedAt - a.publishedAt || (a.key < b.key ? 1 : a.key > b.key ? -1 : 0);
}

function positionOf(after: string): Position {
  const [, time, key] = /^(\d+)\|(.+)$/s.exec(after) ?? [];
  if (time === undefined || key === undefined)
    throw new ConsoleError('invalid', 'after: is not from a page.');
  return { publishedAt: Number(time), key };
}

/** `bundles/2026/11/22/` */
function dayPrefix(day: number, group: string | undefined): string {
  return hourPrefix(day, group).slice(0, -'00/'.length);
}

/** The start of the year in which a section's bundles were begun; of a group, the year is not known. */
function yearOf(prefix: string): number {
  const [, year] = /\/(\d{4})\/$/.exec(prefix) ?? [];
  return year === undefined ? 0 : Date.UTC(Number(year), 0);
}

/** When a bundle was begun, ms since the epoch. */
export function begunAt(bundle: string): number | undefined {
  return bundleTime(originalKey(bundle));
}
