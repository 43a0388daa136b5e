import { SystemFault } from '@data-aggregator/shared-processing/errors';
import {
  classifyVersions,
  type ClassifyDependencies,
  sendNotifications,
  type SendNotificationsDependencies,
} from '@data-aggregator/shared-processing/requeue';
import { withRetries } from '@data-aggregator/shared-processing/retry';
import type { ListedVersion, ObjectListing } from '@data-aggregator/shared-processing/s3';
import { identityOf, type NotifiedObject } from '@data-aggregator/shared-processing/s3-event';
import type { Checkpoint, Counts } from './checkpoint.ts';
import type { Pace } from './pace.ts';
import type { PastDeliveries, PastDelivery } from './past-deliveries.ts';
import { isLeftInArchive, isPlanned, type Plan } from './plan.ts';

export interface BackfillDependencies extends ClassifyDependencies, SendNotificationsDependencies {
  listing: Pick<ObjectListing, 'versions'>;
  past: PastDeliveries;
}

export interface BackfillOptions {
  /** undefined: look the versions up, but send nothing. */
  pace: Pace | undefined;
  /** Maximum number of versions that are sent between two looks at the pace and the signal. */
  slice: number;
  signal: AbortSignal;
  /** Called after each finished page. */
  onPage: (checkpoint: Checkpoint) => Promise<void>;
  /** Called after each slice, with the number of versions that the queue has accepted. */
  onSent: (count: number) => void;
}

/**
 * Enqueues the versions of a plan that are neither delivered, nor in progress, nor quarantined. A version is looked up before
 * it is sent, so a delivery that the ledger is about to forget is not repeated; one that happens afterwards has a new claim.
 *
 * An interrupted page is repeated on the next run: its versions may be sent twice, and are delivered once.
 *
 * @returns the last finished page; not `done` if the signal aborted
 * @throws CallError, ManifestError; SystemFault if the queue does not accept messages
 */
export async function backfill(
  start: Checkpoint,
  options: BackfillOptions,
  dependencies: BackfillDependencies,
): Promise<Checkpoint> {
  const { signal, onPage } = options;
  const { plan } = start;
  let reached = start;
  while (!reached.done && !signal.aborted) {
    const from = { bucket: plan.bucket, prefix: plan.prefix, after: reached.after };
    const page = await withRetries(() => dependencies.listing.versions(from), dependencies);
    const planned = page.versions.filter((version) => isPlanned(plan, version));
    const judged = await judge(planned, plan, signal, dependencies);
    if (!judged) break;
    const { toSend, counts } = judged;
    if (!(await send(toSend, options, dependencies))) break;
    reached = {
      ...start,
      ...(page.next && { after: page.next }),
      counts: sum(reached.counts, {
        ...counts,
        listed: page.versions.length,
        examined: planned.length,
        enqueued: toSend.length,
        bytes: toSend.reduce((bytes, { size }) => bytes + size, 0),
      }),
      done: page.next === undefined,
    };
    await onPage(reached);
  }
  return reached;
}

/** Why a version of a page is not sent even if it is lost. */
type Obstacle = Exclude<PastDelivery, 'delivered' | 'undelivered'> | 'archived';

/** Decides which versions of a page to send. @returns undefined if the signal aborted */
async function judge(
  planned: readonly ListedVersion[],
  plan: Plan,
  signal: AbortSignal,
  dependencies: BackfillDependencies,
): Promise<{ toSend: NotifiedObject[]; counts: Partial<Counts> } | undefined> {
  const versions = planned.map(({ key, versionId, lastModified }) => ({
    bucket: plan.bucket,
    key,
    version: { kind: 'id', versionId } as const,
    landedAt: lastModified,
  }));
  const past = await dependencies.past.find(versions, signal);
  if (!past) return undefined;
  const notInManifests = planned.filter((_, index) => past[index] !== 'delivered');
  const { counts, lost } = await classifyVersions(notInManifests, dependencies);

  const obstacles = new Map(
    versions.map((version, index) => [identityOf(version), obstacleOf(planned[index], past[index], plan)]),
  );
  const hindered = (kind: Obstacle) =>
    lost.filter((object) => obstacles.get(identityOf(object)) === kind).length;
  return {
    toSend: lost.filter((object) => obstacles.get(identityOf(object)) === undefined),
    counts: {
      delivered: planned.length - notInManifests.length + counts.delivered,
      busy: counts.busy,
      quarantined: counts.quarantined,
      undecided: counts.undecided + hindered('undecided'),
      unprovable: hindered('unprovable'),
      archived: hindered('archived'),
      unversioned: counts.unversioned,
    },
  };
}

function obstacleOf(
  listed: ListedVersion | undefined,
  past: PastDelivery | undefined,
  plan: Plan,
): Obstacle | undefined {
  if (past === 'undecided') return 'undecided';
  if (past === 'unprovable' && !plan.neverDelivered) return 'unprovable';
  return listed && isLeftInArchive(plan, listed) ? 'archived' : undefined;
}

/** Sends objects at the pace. @returns whether all were sent, or the signal aborted */
async function send(
  objects: readonly NotifiedObject[],
  { pace, slice, signal, onSent }: BackfillOptions,
  dependencies: BackfillDependencies,
): Promise<boolean> {
  if (!pace) return true;
  for (let at = 0; at < objects.length; at += slice) {
    const next = objects.slice(at, at + slice);
    await pace.admit(next.length, signal);
    if (signal.aborted) return false;
    const accepted = await sendNotifications(next, dependencies);
    const refused = next.length - accepted.filter(Boolean).length;
    if (refused > 0) throw new SystemFault(`the queue did not accept ${refused} of ${next.length} messages`);
    onSent(next.length);
  }
  return true;
}

function sum(counts: Counts, more: Partial<Counts>): Counts {
  const names = Object.keys(counts) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, counts[name] + (more[name] ?? 0)])) as Counts;
}
