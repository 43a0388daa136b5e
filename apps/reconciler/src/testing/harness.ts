import { Ledger, type LedgerTable, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { ListedVersion, ObjectListing } from '@data-aggregator/shared-processing/s3';
import {
  manualClock,
  memoryListing,
  memoryStore,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import { recordingLog, recordingMetrics } from '@data-aggregator/shared-processing/observability/testing';
import {
  type ObjectVersion,
  parseNotification,
  versionTextOf,
} from '@data-aggregator/shared-processing/s3-event';
import { createQueueSender, type OutgoingMessage } from '@data-aggregator/shared-processing/sqs';
import { type ReconcileDependencies, reconcileByHand, reconcileOnSchedule } from '../reconcile.ts';
import { parseRequest } from '../request.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

interface Wrap {
  listing?: (listing: ObjectListing) => Pick<ObjectListing, 'versions'>;
  /** Changes the versions that S3 lists. */
  listed?: (version: ListedVersion) => ListedVersion;
  table?: (table: LedgerTable) => LedgerTable;
  /** Whether the queue accepts a message. */
  takes?: (message: OutgoingMessage) => boolean;
}

/** The reconciler with in-memory services, whose listings have pages of three. */
export function harness({
  listing = (one) => one,
  listed = (one) => one,
  table = (one) => one,
  takes = () => true,
}: Wrap = {}) {
  const clock = manualClock();
  const store = memoryStore(clock.now);
  const pages = memoryListing(store, 3);
  const items = memoryTable();
  const sent: OutgoingMessage[] = [];
  const published = new Map<string, Set<string>>();
  const log = recordingLog();
  const metrics = recordingMetrics();
  const common = {
    clock,
    random: () => 0.5,
    publications: { membersOf: async (k: string) => published.get(k) },
  };
  const dependencies: ReconcileDependencies = {
    ...common,
    log,
    metrics,
    landingBucket: 'landing',
    listing: listing({
      ...pages,
      versions: async (start) => {
        const page = await pages.versions(start);
        return { ...page, versions: page.versions.map(listed) };
      },
    }),
    table: table(items),
    queue: createQueueSender(
      async (messages) => {
        const taken = messages.filter(takes);
        sent.push(...taken);
        return messages.map((message) => taken.includes(message));
      },
      { ...common, onError: () => undefined },
    ),
    maxConcurrentReads: 4,
    maxConcurrentSends: 2,
    rules: { sloMs: 3 * MINUTE, recheckMs: 6 * HOUR, claimRetentionMs: 21 * DAY },
  };
  const ledger = new Ledger({ ...common, table: items, uploads: { abort: async () => undefined } });
  const expires = () => clock.now() / 1000 + 21 * 86_400;

  return {
    clock,
    store,
    items,
    log,
    metrics,
    dependencies,
    /** Uploads an object to landing. */
    land(key: string): ObjectVersion {
      const { versionId } = store.upload('landing', key, Buffer.from(key));
      return { bucket: 'landing', key, version: { kind: 'id', versionId } };
    },
    /** Claims objects for a bundle for one minute. */
    async claim(bundle: string, ...objects: ObjectVersion[]) {
      const claim = { bundle, until: clock.now() + MINUTE, expires: expires() };
      for (const object of objects) await ledger.claim(object, claim);
    },
    publish(bundle: string, ...objects: ObjectVersion[]) {
      published.set(bundle, new Set(objects.map(objectIdOf)));
    },
    expires,
    /** Keys and versions that were requeued since the last call. */
    requeued(): string[] {
      return sent.splice(0).flatMap(({ body }) => {
        const notification = parseNotification(body);
        if (notification.kind !== 'records') throw new Error(`not a notification: ${body}`);
        return notification.records.map((record) => {
          if (record.kind !== 'landed') throw new Error(`not about a new object: ${body}`);
          return `${record.landed.key} ${versionTextOf(record.landed)}`;
        });
      });
    },
    schedule: (ms = MINUTE) =>
      reconcileOnSchedule({ until: clock.now() + ms, deadline: clock.now() + ms + MINUTE }, dependencies),
    byHand(event: object = {}, ms = MINUTE) {
      const request = parseRequest(event);
      if (request.kind !== 'manual') throw new Error('not a manual request');
      return reconcileByHand(request, { until: clock.now() + ms }, dependencies);
    },
  };
}

/** Keys and versions in the form of `requeued`. */
export function keysAndVersions(...objects: ObjectVersion[]): string[] {
  return objects.map((object) => `${object.key} ${versionTextOf(object)}`);
}
