import { createHash } from 'node:crypto';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { createPublications, Ledger } from '@data-aggregator/shared-processing/ledger';
import { type Manifest, manifestKey, serializeManifest } from '@data-aggregator/shared-processing/manifest';
import { parseNotification } from '@data-aggregator/shared-processing/s3-event';
import type { OutgoingMessage, QueueSender } from '@data-aggregator/shared-processing/sqs';
import {
  manualClock,
  memoryListing,
  memoryStore,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import type { BackfillConnection, BackfillSettings } from '../backfill/run.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const CLAIM_DAYS = 21;

/** An object version in landing. */
export interface Landed {
  bucket: string;
  key: string;
  version: { kind: 'id'; versionId: string };
}

/** Where a bundle's bytes are. */
type Published = 'with replica' | 'without replica' | 'not';

/** An environment in memory, whose listings have pages of three. */
export function backfillWorld() {
  const clock = manualClock();
  const store = memoryStore(clock.now);
  const table = memoryTable();
  const rules = { clock, random: () => 0.5 };
  const buckets = { landing: 'landing', distribution: 'distribution', archive: 'archive' };
  const publications = createPublications(store, buckets, rules);
  const uploads = { abort: async () => undefined };
  const ledger = new Ledger({ ...rules, table, publications, uploads });
  const sent: OutgoingMessage[] = [];
  let bundles = 0;
  const queue: QueueSender = {
    async send(messages) {
      sent.push(...messages);
      return messages.map(() => true);
    },
  };
  const connection: BackfillConnection = {
    ...rules,
    clock,
    region: 'eu-west-2',
    resources: {
      buckets,
      ledger: 'ledger',
      queueUrl: 'queue',
      deadLettersUrls: [],
      claimRetentionMs: CLAIM_DAYS * DAY,
      functions: { reconciler: '', replayer: '' },
    },
    store,
    listing: memoryListing(store, 3),
    table,
    publications,
    queue,
    backlog: async () => 0,
    maxConcurrentReads: 4,
  };

  /** What the aggregator does for one bundle. */
  async function bundle(objects: Landed[], published: Published, group?: string): Promise<void> {
    const key = bundleKey(clock.now(), String(++bundles).padStart(16, '0'), '.tar.gz', group);
    const expires = (clock.now() + CLAIM_DAYS * DAY) / 1000;
    for (const object of objects) {
      await ledger.claim(object, { bundle: key, until: clock.now() + 2 * MINUTE, expires });
    }
    store.upload('archive', manifestKey(key), Buffer.from(manifestText(key, objects)));
    if (published === 'not') return;
    store.upload('distribution', key, Buffer.from(key));
    if (published === 'with replica') store.upload('archive', key, Buffer.from(key));
  }

  return {
    clock,
    store,
    table,
    connection,
    bundle,
    sent,
    /** Uploads an object to landing. */
    land(key: string): Landed {
      const { versionId } = store.upload('landing', key, Buffer.from(key));
      return { bucket: 'landing', key, version: { kind: 'id', versionId } };
    },
    /** Days pass: DynamoDB removes expired items, and distribution's lifecycle old bundles. */
    pass(days: number) {
      clock.advance(days * DAY);
      for (const [id, { expires }] of table.items) if (expires * 1000 < clock.now()) table.items.delete(id);
      for (const key of store.keys('distribution')) {
        for (const { versionId, lastModified } of store.versions('distribution', key)) {
          if (lastModified < clock.now() - 30 * DAY) store.remove('distribution', key, versionId);
        }
      }
    },
    /** Keys and versions that were sent since the last call. */
    enqueued(): string[] {
      return sent.splice(0).flatMap(({ body }) => {
        const notification = parseNotification(body);
        if (notification.kind !== 'records') throw new Error(`not a notification: ${body}`);
        return notification.records.map((record) => {
          if (record.kind !== 'landed') throw new Error(body);
          const { key, version } = record.landed;
          return nameOf({ key, version });
        });
      });
    },
  };
}

/** The form of `enqueued`. */
export function nameOf({ key, version }: Pick<Landed, 'key'> & { version: object }): string {
  return `${key} ${'versionId' in version ? String(version.versionId) : ''}`;
}

/** Settings that enqueue the whole bucket. */
export function settingsWith(file: string, changes: Partial<BackfillSettings> = {}): BackfillSettings {
  return { prefix: '', rate: 1_000, maxBacklog: 1_000, file, ...changes };
}

function manifestText(key: string, objects: readonly Landed[]): string {
  const sha256 = createHash('sha256').update('x').digest('hex');
  const manifest: Manifest = {
    bundle: { bucket: 'distribution', key, size: 1, sha256, format: 'tar.gz', createdAt: 0 },
    members: objects.map((object) => ({
      ...object,
      etag: 'e',
      name: object.key,
      size: 1,
      sha256,
      lastModified: 0,
      landedAt: 0,
    })),
  };
  return serializeManifest(manifest);
}
