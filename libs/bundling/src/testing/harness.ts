import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { parseGroupBy } from '@data-aggregator/shared-processing/groups';
import {
  Ledger,
  type LedgerTable,
  createPublications,
  createUploads,
} from '@data-aggregator/shared-processing/ledger';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import type { Fields } from '@data-aggregator/shared-processing/observability';
import { recordingMetrics, silentLog } from '@data-aggregator/shared-processing/observability/testing';
import type { MultipartStore, ObjectStore } from '@data-aggregator/shared-processing/s3';
import {
  type BatchResponse,
  createQueueSender,
  type Message,
  type OutgoingMessage,
  type VisibilityChange,
} from '@data-aggregator/shared-processing/sqs';
import { manualClock, memoryStore, memoryTable } from '@data-aggregator/shared-processing/testing';
import { extract } from 'tar-stream';
import { createBundleWriter, createStaging, createStagingMemory, gzip } from '../bundle/index.ts';
import { handleEvent, type HandleDependencies, handleMessages } from '../handle.ts';
import { minCopiedBytes } from '../copy-bundle.ts';
import { createRing } from '../ring.ts';
import { createRoutes } from '../route.ts';
import { recordOf } from './landed.ts';

const buckets = { landing: 'landing', distribution: 'distribution', archive: 'archive' };
const MS_PER_INVOCATION = 60_000;

/** The aggregator's logic over a cloud in memory. Wrap `store` or `table` to make calls fail. */
export function harness(
  options: {
    store?: (store: ObjectStore) => ObjectStore;
    /** How long each GET takes, ms of the clock. */
    readMs?: number;
    multipart?: (multipart: MultipartStore) => MultipartStore;
    /** Bytes of a bundle in memory, of which a part is the fourth. */
    stagingBytes?: number;
    /** As COPY_ABOVE_BYTES. */
    copyAboveBytes?: number;
    forwardBytes?: number;
    /** As in BUNDLE_GROUP_BY. */
    groupBy?: string;
    table?: (table: LedgerTable) => LedgerTable;
    landingIsVersioned?: boolean;
  } = {},
) {
  const clock = manualClock();
  const memory = memoryStore(clock.now);
  const items = memoryTable();
  const deadLetters: OutgoingMessage[] = [];
  const requeued: OutgoingMessage[] = [];
  const forwarded: OutgoingMessage[] = [];
  const returning: VisibilityChange[] = [];
  const counts: Record<string, number> = {};
  const metrics = recordingMetrics();
  const info: [event: string, fields: object][] = [];
  const rules = { clock, random: () => 0.5 };
  const { readMs } = options;
  const opened = options.store?.(memory) ?? memory;
  const store: ObjectStore =
    readMs === undefined
      ? opened
      : {
          ...opened,
          get: async (request, signal) => {
            clock.advance(readMs);
            return opened.get(request, signal);
          },
        };
  const multipart = options.multipart?.(memory.multipart) ?? memory.multipart;
  const table = options.table?.(items) ?? items;
  const copyLimits = { headBytes: 10_000, rangeBytes: 50_000, concurrency: 4 };
  const stagingBytes = options.stagingBytes ?? 1_000_000;
  const sender = (sent: OutgoingMessage[]) =>
    createQueueSender(
      async (messages) => {
        sent.push(...messages);
        return messages.map(() => true);
      },
      { ...rules, onError: () => undefined },
    );

  const dependencies = (): HandleDependencies => ({
    ...rules,
    store,
    multipart,
    ledger: new Ledger({
      ...rules,
      table,
      publications: createPublications(store, buckets, rules),
      uploads: createUploads(multipart, buckets, rules),
    }),
    log: {
      ...silentLog,
      info: (event, fields = {}) => {
        info.push([event, fields]);
        if (event === 'batch.done') addNumbers(counts, fields);
      },
    },
    metrics,
    newWriter: (_planned, parts) =>
      createBundleWriter({
        codec: gzip({ level: 1 }),
        staging: createStaging({
          memory: createStagingMemory(stagingBytes),
          partBytes: Math.floor(stagingBytes / 4),
          parts,
        }),
      }),
    newBundleKey: ({ kind, group }) => {
      const extension = kind === 'copy' ? '.tar' : '.tar.gz';
      return bundleKey(clock.now(), randomBytes(8).toString('hex'), extension, group?.name);
    },
    copyLimits,
    routes: createRoutes({
      minCopiedBytes: minCopiedBytes(copyLimits),
      maxStreamedBytes: 1_500_000,
      copyAboveBytes: options.copyAboveBytes,
    }),
    contentType: 'application/gzip',
    format: 'tar.gz',
    manifestEncoding: 'identity',
    buckets,
    readAhead: { ring: createRing(1_000_000), maxReads: 8 },
    planLimits: {
      maxBytes: 1_000_000,
      maxMembers: 500,
      largeBytes: 200_000,
      forwardBytes: options.forwardBytes,
      groupOf: options.groupBy === undefined ? undefined : parseGroupBy(options.groupBy),
    },
    maxObjectBytes: 2_000_000,
    claimGraceMs: 30_000,
    claimRetentionMs: 86_400_000,
    maxConcurrentClaims: 8,
    admission: {
      landingBucket: 'landing',
      landingIsVersioned: options.landingIsVersioned ?? true,
      maxObjectBytes: 2_000_000,
    },
    deadLetters: sender(deadLetters),
    queue: sender(requeued),
    largeObjects: sender(forwarded),
    visibility: { change: async (changes) => void returning.push(...changes) },
  });

  /** A bundle's entries by name, as the consumer extracts them. */
  const unpack = (key: string): Promise<Map<string, Buffer>> => {
    const version = memory.versions('distribution', key).find(({ content }) => content);
    const content = version?.content ?? Buffer.alloc(0);
    return entriesOf(key.endsWith('.tar') ? content : gunzipSync(content));
  };

  let messages = 0;
  const message = (body: string): Message => ({
    messageId: `message-${++messages}`,
    receiptHandle: `receipt-${messages}`,
    body,
  });

  return {
    clock,
    memory,
    items,
    deadLetters,
    requeued,
    forwarded,
    returning,
    /** The sums of what the invocations logged as `batch.done`. */
    counts,
    metrics,
    /** The fields of every log line of this event, at level info. */
    logged: (event: string) => info.flatMap(([name, fields]) => (name === event ? [fields] : [])),
    dependencies,
    message,
    /** Uploads an object and returns the S3 record of its notification. */
    land(key: string, content: string | Uint8Array) {
      return recordOf(key, memory.upload('landing', key, Buffer.from(content)));
    },
    /** A notification with the records. */
    notify: (...records: unknown[]) => message(JSON.stringify({ Records: records })),
    handle: (batch: readonly Message[]): Promise<BatchResponse> =>
      handleMessages(batch, clock.now() + MS_PER_INVOCATION, dependencies()),
    invoke: (event: unknown) => handleEvent(event, clock.now() + MS_PER_INVOCATION, dependencies()),
    bundles: () => memory.keys('distribution'),
    /** Contents of all members of all bundles, by name. A member of two bundles is listed twice. */
    async delivered(): Promise<[string, string][]> {
      const bundles = await Promise.all(memory.keys('distribution').map(unpack));
      return bundles
        .flatMap((entries) =>
          [...entries].map(([name, content]): [string, string] => [name, content.toString()]),
        )
        .sort();
    },
    manifest(key: string) {
      const version = memory.versions('archive', manifestKey(key)).at(-1);
      return parseManifest(String(version?.content), key);
    },
  };
}

function addNumbers(sums: Record<string, number>, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
  }
}

async function entriesOf(tar: Buffer): Promise<Map<string, Buffer>> {
  const entries = new Map<string, Buffer>();
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entries.has(entry.header.name)) throw new Error(`${entry.header.name} is in the bundle twice`);
    entries.set(entry.header.name, Buffer.concat(chunks));
  }
  return entries;
}
