import { memberHeader, padding } from '@data-aggregator/bundling/tar';
import { bundlesBetween } from '@data-aggregator/shared-processing/archive';
import { groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import { objectIdOf, type ObjectStatus, objectStatuses } from '@data-aggregator/shared-processing/ledger';
import {
  type Manifest,
  ManifestError,
  type ManifestMember,
} from '@data-aggregator/shared-processing/manifest';
import { mapConcurrently, withRetries } from '@data-aggregator/shared-processing/retry';
import { NO_VERSION, type RetainedVersion, versionsOfKey } from '@data-aggregator/shared-processing/s3';
import type {
  Advice,
  FileReport,
  FileSearch,
  FileVersion,
  FoundFile,
  StepName,
  TimelineStep,
} from '../api.ts';
import {
  begunAt,
  type BundleQueries,
  bundleStateOf,
  checksumsOf,
  type Delivery,
  deliveryOf,
} from './bundles.ts';
import { failureOf } from '../server/console-error.ts';
import { DELIVERING, type Environment, LARGE } from './environment.ts';
import { filterLog } from './functions.ts';
import { MEANINGS } from './quarantine.ts';
import { LATE_BUNDLE_SECONDS, LATE_SECONDS } from './bottleneck.ts';
import { counted, duration } from './words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** S3 replicates most objects within 15 minutes; one that is not there after this time may never be. */
const REPLICATED_MS = HOUR_MS;
/** Log lines about one version. */
const MAX_LINES = 50;
/** How long a log is searched for one version: that of a busy day takes minutes. */
const LOG_MS = 5_000;
/** Versions that are read at a time. */
const MAX_CONCURRENT = 4;
/** Versions that get a timeline; an overwritten key can have thousands. */
const MAX_VERSIONS = 20;

const WHERE: Record<Known['status']['kind'], FileVersion['where']> = {
  delivered: 'delivered',
  busy: 'in-progress',
  quarantined: 'quarantined',
  nowhere: 'nowhere',
  unknown: 'unknown',
  unversioned: 'unknown',
};

/** Every version of a key, with its timeline. @throws CallError, ManifestError */
export async function readFile(
  key: string,
  bundles: BundleQueries,
  environment: Environment,
): Promise<FileReport> {
  const versions = await versionsOfKey(environment.resources.buckets.landing, key, environment);
  if (versions.length === 0) {
    return {
      key,
      versions: [],
      advice: {
        problem:
          'No version of this key is in landing. Either it never landed, or it landed weeks ago and has expired.',
        steps: [
          { label: 'Check the spelling: keys are case-sensitive. Search for a part of it.', view: 'file' },
          {
            label:
              'For a file that expired, search the manifests: npx nx run ops:find -- KEY --from … --to …',
          },
        ],
      },
    };
  }
  const shown = versions.slice(0, MAX_VERSIONS);
  const statuses = await objectStatuses(shown, environment);
  return {
    key,
    ...(versions.length > shown.length && { olderVersions: versions.length - shown.length }),
    versions: await mapConcurrently([...shown.entries()], MAX_CONCURRENT, ([index, version]) =>
      readVersion(version, index === 0, statuses[index] as ObjectStatus, bundles, environment),
    ),
  };
}

/** What is known about one version. */
interface Known {
  version: RetainedVersion;
  /** `unversioned`: the ledger cannot be asked about it. */
  status: ObjectStatus | { kind: 'unversioned' };
  /** If it was delivered. */
  delivery?: Delivery;
  member?: { member: ManifestMember; index: number; manifest: Manifest; offset: number };
  now: number;
}

async function readVersion(
  version: RetainedVersion,
  isLatest: boolean,
  inLedger: ObjectStatus,
  bundles: BundleQueries,
  environment: Environment,
): Promise<FileVersion> {
  const { clock } = environment;
  const status = version.version.versionId === NO_VERSION ? ({ kind: 'unversioned' } as const) : inLedger;
  const object = objectIdOf(version);
  const known: Known = { version, status, now: clock.now() };
  const bundle = 'bundle' in status ? status.bundle : undefined;
  if (status.kind === 'delivered') {
    const manifest = await bundles.manifest(status.bundle);
    const index = manifest?.members.findIndex((one) => objectIdOf(one) === object) ?? -1;
    const member = manifest?.members[index];
    if (manifest && member) known.member = { member, index, manifest, offset: offsetOf(manifest, index) };
    known.delivery = await deliveryOf(status.bundle, environment);
  }
  const lines = await linesAbout(object, bundle, version.landedAt, environment);
  const advice = adviceOn(known);
  const { member } = known;
  const group = bundle === undefined ? undefined : groupOfBundle(bundle);
  return {
    versionId: version.version.versionId,
    object,
    isLatest,
    size: version.size,
    etag: version.etag,
    ...(member && checksumsOf(member.member)),
    where: WHERE[status.kind],
    timeline: timelineOf(known),
    ...(bundle !== undefined && {
      bundle: {
        key: bundle,
        ...(group !== undefined && { group }),
        ...(member && {
          name: member.member.name,
          index: member.index,
          members: member.manifest.members.length,
          offset: member.offset,
        }),
      },
    }),
    ...lines,
    ...(advice && { advice }),
  };
}

/** The first byte of a member's content in the uncompressed tar. Headers follow from the manifest, because the same members always make the same tar. */
export function offsetOf({ members }: Pick<Manifest, 'members'>, index: number): number {
  const headerBytes = ({ name, size, lastModified }: ManifestMember) =>
    memberHeader({ name, size, mtime: lastModified }).length;
  const before = members
    .slice(0, index)
    .reduce((sum, member) => sum + headerBytes(member) + member.size + padding(member.size).length, 0);
  const own = members[index];
  return own ? before + headerBytes(own) : before;
}

/** Lines of the bundling functions that name the version or its bundle, from landing on. */
async function linesAbout(
  object: string,
  bundle: string | undefined,
  landedAt: number,
  environment: Environment,
): Promise<Pick<FileVersion, 'log' | 'logProblem'>> {
  const pattern = [object, bundle].flatMap((word) => (word === undefined ? [] : `?"${word}"`)).join(' ');
  const range = {
    from: landedAt - MINUTE_MS,
    to: Math.min(environment.clock.now() + MINUTE_MS, landedAt + DAY_MS),
  };
  const functions = [DELIVERING, LARGE].filter((name) => environment.functionNames.includes(name));
  const until = environment.clock.now() + LOG_MS;
  try {
    const pages = await Promise.all(
      functions.map((name) => filterLog(name, pattern, range, environment, MAX_LINES, until)),
    );
    const log = pages
      .flatMap(({ events }) => events)
      .sort((a, b) => a.at - b.at)
      .slice(-MAX_LINES);
    return pages.some(({ next }) => next !== undefined)
      ? { log, logProblem: 'There may be more log lines: the log was searched in part.' }
      : { log };
  } catch (error) {
    // CloudWatch allows few searches a second. The rest of the report does not depend on this one.
    const { error: kind, message } = failureOf(error);
    if (kind !== 'aws') throw error;
    return { log: [], logProblem: `The log could not be searched: ${message}` };
  }
}

/** The nine steps of a version. */
export function timelineOf({ version, status, member, delivery, now }: Known): TimelineStep[] {
  const bundle = 'bundle' in status ? status.bundle : undefined;
  const isBundled = status.kind === 'delivered';
  const isClaimed = isBundled || status.kind === 'busy' || status.kind === 'unknown';
  const isRefused = status.kind === 'quarantined';
  const step = (name: StepName, state: TimelineStep['state'], detail: string, at?: number): TimelineStep => ({
    name,
    state,
    detail,
    ...(at !== undefined && { at }),
  });
  const inferred = (made: TimelineStep): TimelineStep => ({ ...made, isInferred: true });
  const landed = step('landed', 'done', `It landed with ${counted(version.size, 'byte')}.`, version.landedAt);

  if (status.kind === 'unversioned') {
    const later = [
      'notified',
      'received',
      'claimed',
      'bundled',
      'published',
      'replicated',
      'taken',
      'receipt',
    ] as const;
    return [
      landed,
      ...later.map((name) => step(name, 'unknown', 'The version has no id, so the ledger cannot be asked.')),
    ];
  }

  const notified = isClaimed
    ? inferred(
        step(
          'notified',
          'done',
          member
            ? 'S3 notified the queue; the time is that of the event.'
            : 'S3 notified the queue: the version was claimed.',
          member?.member.landedAt,
        ),
      )
    : isRefused
      ? inferred(step('notified', 'done', 'S3 notified the queue: the version was refused.'))
      : step(
          'notified',
          now - version.landedAt > LATE_SECONDS * 1000 ? 'unknown' : 'current',
          'Whether S3 notified the queue is not known until the version is claimed; the reconciler requeues it if not.',
        );

  const begun = bundle === undefined ? undefined : begunAt(bundle);
  const received = isClaimed
    ? inferred(
        step(
          'received',
          'done',
          'An invocation received it, at the latest when its bundle was begun.',
          begun,
        ),
      )
    : isRefused
      ? inferred(step('received', 'done', 'An invocation received it, and refused it.', status.since))
      : step('received', 'pending', 'No invocation has claimed it.');

  const claimed = isClaimed
    ? step('claimed', 'done', `It was claimed for ${bundle ?? 'a bundle'}.`, begun)
    : isRefused
      ? step(
          'claimed',
          'failed',
          `It was refused: ${status.reason}. ${MEANINGS[status.reason] ?? ''}`.trim(),
          status.since,
        )
      : step('claimed', 'pending', 'The ledger has no claim.');

  const bundled = member
    ? step(
        'bundled',
        'done',
        `It is file ${member.index + 1} of ${member.manifest.members.length} in the bundle, as ${member.member.name}, from byte ${member.offset.toLocaleString('en')} of the tar.`,
        member.manifest.bundle.createdAt,
      )
    : isBundled
      ? step('bundled', 'unknown', 'It is in the bundle, but the archive has no manifest of it.')
      : status.kind === 'busy'
        ? step(
            'bundled',
            'current',
            `An invocation is bundling it, until ${new Date(status.until).toISOString()} at most.`,
          )
        : step('bundled', 'pending', 'It is in no bundle.');

  // S3's times are whole seconds; the manifest was written before.
  const publishedAt =
    Math.max(delivery?.history.publishedAt ?? 0, member?.manifest.bundle.createdAt ?? 0) || undefined;
  const published = isBundled
    ? step('published', 'done', 'The bundle was published in distribution.', publishedAt)
    : status.kind === 'unknown'
      ? step(
          'published',
          'unknown',
          `Whether the bundle was published could not be found out: ${String(status.cause)}`,
        )
      : step('published', 'pending', 'No bundle with it was published.');

  const replicated = !isBundled
    ? step('replicated', 'pending', 'There is no bundle to replicate.')
    : delivery?.isArchived
      ? step('replicated', 'done', 'The archive has a replica. A replica keeps the time of its original.')
      : publishedAt !== undefined && now - publishedAt < REPLICATED_MS
        ? step(
            'replicated',
            'current',
            'The archive has no replica yet; S3 usually makes it within 15 minutes.',
          )
        : step(
            'replicated',
            'unknown',
            'The archive has no replica, which S3 usually makes within 15 minutes: it was not made, or it has expired.',
          );

  const { history, receipt } = delivery ?? {};
  const onDisk = receipt?.receipt;
  const state = delivery && bundleStateOf(delivery);
  const taken = !isBundled
    ? step('taken', 'pending', 'There is no bundle to take.')
    : state === 'waiting'
      ? step('taken', 'current', 'The bundle waits for the consumer.')
      : state === 'taken'
        ? step(
            'taken',
            'done',
            'The consumer deleted the bundle from distribution after it had taken it.',
            history?.takenAt,
          )
        : step(
            'taken',
            'unknown',
            'Distribution no longer has the bundle: the consumer took it, or it expired.',
            history?.takenAt,
          );

  const receiptStep = !isBundled
    ? step('receipt', 'pending', 'There is no bundle to acknowledge.')
    : onDisk
      ? step('receipt', 'done', `${onDisk.consumer} has all files of the bundle on disk.`, onDisk.onDiskAt)
      : receipt?.receiptProblem !== undefined
        ? step('receipt', 'failed', receipt.receiptProblem)
        : taken.state === 'done'
          ? step('receipt', 'skipped', 'The consumer stored no receipt; it need not.')
          : taken.state === 'unknown'
            ? step(
                'receipt',
                'unknown',
                'No receipt proves that the consumer has the bundle; it need not store one.',
              )
            : step('receipt', 'pending', 'The consumer stores a receipt when the files are on its disk.');

  return [landed, notified, received, claimed, bundled, published, replicated, taken, receiptStep];
}

/** Where a version is stuck, and what to do. Undefined if it needs nothing. */
export function adviceOn({ version, status, delivery, now }: Known): Advice | undefined {
  const age = (now - version.landedAt) / 1000;
  const logs = (pattern: string) =>
    ({
      label: 'Search the log of the aggregator',
      view: 'functions',
      query: { function: DELIVERING, pattern },
    }) as const;
  switch (status.kind) {
    case 'delivered': {
      if (!delivery) return undefined;
      const { isPresent, publishedAt, takenAt } = delivery.history;
      if (publishedAt === undefined) return undefined;
      if (takenAt !== undefined && bundleStateOf(delivery) === 'taken-or-expired') {
        return {
          problem: `Its bundle left distribution after ${duration((takenAt - publishedAt) / 1000)}: the consumer took it, or it expired before the consumer came. There is no receipt.`,
          steps: [{ label: 'Does the consumer have the bundle? If not, replay it', runbook: 'backlog' }],
        };
      }
      const waits = isPresent ? (now - publishedAt) / 1000 : 0;
      if (waits < LATE_BUNDLE_SECONDS) return undefined;
      return {
        problem: `Its bundle has waited for the consumer for ${duration(waits)}.`,
        steps: [
          { label: 'Is the consumer running, and can it reach the bucket?', runbook: 'backlog' },
          { label: 'The bundles that wait', view: 'bundles', query: { state: 'waiting' } },
        ],
      };
    }
    case 'busy':
      return age < LATE_SECONDS
        ? undefined
        : {
            problem: `It landed ${duration(age)} ago and is still being bundled. If its builder died, another takes over after ${new Date(status.until).toISOString()}.`,
            steps: [logs(status.bundle), { label: 'What slow files mean', runbook: 'files-are-late' }],
          };
    case 'quarantined':
      return {
        problem: `It is in quarantine: ${MEANINGS[status.reason] ?? status.reason}`,
        steps: [
          { label: 'Look at its case', view: 'quarantine', query: { reason: status.reason } },
          { label: 'What to do about this reason', runbook: 'dead-letters' },
        ],
      };
    case 'unknown':
      return {
        problem: `Its bundle could not be looked up: ${String(status.cause)}`,
        steps: [{ label: 'What undecided files are', runbook: 'undecided-files' }],
      };
    case 'unversioned':
      return {
        problem:
          'It has no version id, so the ledger cannot be asked: it may be in a bundle, in progress or in quarantine.',
        steps: [{ label: 'Search the manifests of its time: npx nx run ops:find -- KEY --from … --to …' }],
      };
    case 'nowhere':
      return age < LATE_SECONDS
        ? undefined
        : {
            problem: `It landed ${duration(age)} ago and is in no bundle, not claimed and not in quarantine: it waits in the queue, or its notification was lost.`,
            steps: [
              { label: 'Where files are held up', view: 'flow' },
              { label: 'The reconciler requeues lost files every hour', runbook: 'lost-files' },
              { label: 'To requeue it now: npx nx run ops:reconcile -- --execute' },
            ],
          };
  }
}

/** Pages of landing that are searched: all of a small environment, and a part of a large one. */
const MAX_PAGES = 20;
const MAX_FOUND = 200;
/** Manifests that are searched, newest first. */
const MAX_MANIFESTS = 100;
const SEARCH_MS = 4_000;

/**
 * Searches what landed recently: the keys in landing, as far as they can be listed in a few seconds and those that begin with the text, and the
 * members of the newest bundles.
 */
export async function searchFiles(
  part: string,
  bundles: BundleQueries,
  environment: Environment,
): Promise<FileSearch> {
  const { clock, listing, resources } = environment;
  const { landing, archive } = resources.buckets;
  const until = clock.now() + SEARCH_MS;
  // The listing is by key, so what landed last is rather in the newest bundles: they get half of the time.
  const endOfListing = until - SEARCH_MS / 2;
  const found = new Map<string, FoundFile>();
  const add = (file: FoundFile) => {
    const known = found.get(file.key);
    if (!known || known.landedAt < file.landedAt) found.set(file.key, file);
  };
  let listed = 0;
  let isAll = false;
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES && clock.now() < endOfListing; page++) {
    const { objects, next } = await withRetries(
      () => listing.objects({ bucket: landing, after }),
      environment,
    );
    listed += objects.length;
    for (const { key, size, lastModified } of objects) {
      if (key.includes(part)) add({ key, size, landedAt: lastModified });
    }
    after = next;
    if (next !== undefined) continue;
    isAll = true;
    break;
  }
  let searched = 0;
  let unreadable = 0;
  if (!isAll) {
    if (part !== '') {
      const { objects } = await withRetries(
        () => listing.objects({ bucket: landing, prefix: part }),
        environment,
      );
      for (const { key, size, lastModified } of objects) add({ key, size, landedAt: lastModified });
    }
    const now = clock.now();
    for (let hour = 0; hour < 24 && searched < MAX_MANIFESTS && clock.now() < until; hour++) {
      const range = { from: now - (hour + 1) * HOUR_MS, to: now - hour * HOUR_MS };
      const keys: string[] = [];
      for await (const { bundle } of bundlesBetween(range, undefined, { ...environment, archive }))
        keys.push(bundle);
      for (const key of keys.reverse()) {
        if (searched >= MAX_MANIFESTS || clock.now() >= until) break;
        searched++;
        const manifest = await bundles.manifest(key).catch((error: unknown) => {
          if (!(error instanceof ManifestError)) throw error;
          unreadable++;
          return undefined;
        });
        for (const { key: original, size, landedAt } of manifest?.members ?? []) {
          if (original.includes(part)) add({ key: original, size, landedAt });
        }
      }
    }
  }
  const files = [...found.values()].sort((a, b) => b.landedAt - a.landedAt);
  return {
    part,
    files: files.slice(0, MAX_FOUND),
    isPartial: !isAll || files.length > MAX_FOUND,
    sentence: isAll
      ? `Searched all ${counted(listed, 'file')} in landing.`
      : `Searched ${counted(listed, 'file')} of landing, ${part === '' ? '' : 'those that begin with the text, '}and the files of the ${counted(searched, 'newest bundle')}.${
          unreadable === 0 ? '' : ` ${counted(unreadable, 'manifest')} could not be read.`
        }`,
  };
}
