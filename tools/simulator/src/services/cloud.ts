import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { encodeKey, parseNotification } from '@data-aggregator/shared-processing/s3-event';
import {
  type MemoryStore,
  memoryStore,
  type MemoryTable,
  memoryTable,
  type MemoryVersion,
  type Random,
} from '@data-aggregator/shared-processing/testing';
import { BUCKETS, READY_VISIBILITY_MS } from '../settings.ts';
import { Queue } from './sqs.ts';
import type { World } from './world.ts';

/** The state of the cloud, which outlives every process. */
export interface Cloud {
  store: MemoryStore;
  table: MemoryTable;
  queue: Queue;
  largeObjects: Queue;
  deadLetters: Queue;
  /** Names the bundles that are in the distribution bucket. */
  ready: Queue;
  /** Bundles by the name of the invocation that claimed members for them. */
  builders: Map<string, string>;
  /** Versions in landing that nobody may read at the moment. */
  denied: Set<string>;
  /** Notifications and replicas that S3 has not sent yet. */
  inTransit: number;
}

/** Maximum ms until S3 notifies of an object, and until it has replicated one. */
const NOTIFIED_WITHIN_MS = 20_000;
const REPLICATED_WITHIN_MS = 60_000;
/** Probability that S3 never notifies of a bundle, or notifies twice. */
const ODD_NOTIFICATION = 0.1;

export function createCloud(
  world: World,
  random: Random,
  settings: { visibilityMs: number; maxReceives: number },
): Cloud {
  const deadLetters = new Queue({ visibilityMs: settings.visibilityMs, maxReceives: Infinity });
  const ready = new Queue({ visibilityMs: READY_VISIBILITY_MS, maxReceives: settings.maxReceives });
  const later = (within: number, run: () => void) => {
    cloud.inTransit++;
    world.at(world.now + random.below(within), () => {
      cloud.inTransit--;
      run();
    });
  };
  const notify = (key: string, version: MemoryVersion) =>
    later(NOTIFIED_WITHIN_MS, () => {
      world.trace(`S3 notifies of ${key}`);
      ready.send({ body: bundleEvent(key, version), attributes: {} }, world.now);
    });
  const onStored = (bucket: string, key: string, version: MemoryVersion) => {
    const { content } = version;
    if (bucket !== BUCKETS.distribution || !content) return;
    const isOdd = random.chance(ODD_NOTIFICATION) && world.mayDisturb();
    const notifications = isOdd ? random.pick([0, 2]) : 1;
    if (notifications === 0) world.trace(`S3 does not notify of ${key}`);
    for (let n = 0; n < notifications; n++) notify(key, version);
    // Replays come from the archive, so they are not replicated; nor are delete markers.
    if (!key.startsWith(BUNDLE_PREFIX)) return;
    later(REPLICATED_WITHIN_MS, () => {
      world.trace(`S3 replicates ${key}`);
      cloud.store.upload(BUCKETS.archive, key, content);
    });
  };
  const cloud: Cloud = {
    store: memoryStore(() => world.now, onStored),
    table: memoryTable(),
    queue: new Queue({ ...settings, deadLetters }),
    largeObjects: new Queue({ ...settings, deadLetters }),
    deadLetters,
    ready,
    builders: new Map(),
    denied: new Set(),
    inTransit: 0,
  };
  return cloud;
}

/** The S3 event about a bundle. */
function bundleEvent(key: string, { versionId, etag, content, lastModified }: MemoryVersion): string {
  const object = { key: encodeKey(key), size: content?.length ?? 0, eTag: etag, versionId, sequencer: '1' };
  const record = {
    ...{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' },
    eventTime: new Date(lastModified).toISOString(),
    s3: { s3SchemaVersion: '1.0', bucket: { name: BUCKETS.distribution, arn: '' }, object },
  };
  return JSON.stringify({ Records: [record] });
}

const objectsByBody = new Map<string, readonly string[]>();
const MAX_REMEMBERED_BODIES = 1_000;

/** The ids of the object versions that a message's body names. */
export function objectsIn(body: string): readonly string[] {
  const known = objectsByBody.get(body);
  if (known) return known;
  const notification = parseNotification(body);
  const records = notification.kind === 'records' ? notification.records : [];
  const ids = records.flatMap((record) => (record.kind === 'landed' ? objectIdOf(record.landed) : []));
  if (objectsByBody.size >= MAX_REMEMBERED_BODIES) objectsByBody.clear();
  objectsByBody.set(body, ids);
  return ids;
}

/** Whether an error comes from the simulated services, and not from a mistake in the code. */
export function isOfTheCloud(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CallError) return true;
  }
  return false;
}
