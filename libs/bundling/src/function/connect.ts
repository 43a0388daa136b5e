import { randomBytes } from 'node:crypto';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { systemClock } from '@data-aggregator/shared-processing/retry';
import {
  createLedgerTable,
  createPublications,
  createUploads,
  Ledger,
} from '@data-aggregator/shared-processing/ledger';
import type { EventLog, Metrics } from '@data-aggregator/shared-processing/observability';
import {
  createMultipartStore,
  createSignedObjectStore,
  createS3Client,
} from '@data-aggregator/shared-processing/s3';
import { createSharedReads } from '@data-aggregator/shared-processing/aws-http';
import {
  createChangeVisibilityBatch,
  createQueueSender,
  createSendBatch,
  createVisibilityTimer,
} from '@data-aggregator/shared-processing/sqs';
import {
  createBundleWriter,
  createStaging,
  createStagingMemory,
  type PartSink,
  store as storeCodec,
} from '../bundle/index.ts';
import { codecFor } from '../encoding.ts';
import type { HandleDependencies } from '../handle.ts';
import type { StreamedBundle } from '../build-bundle.ts';
import { COPY_LIMITS, minCopiedBytes } from '../copy-bundle.ts';
import { maxStreamedBytes, partBytesFor } from '../part-upload.ts';
import { bytesOf, type PlannedBundle } from '../plan.ts';
import { createRing } from '../ring.ts';
import { createRoutes } from '../route.ts';
import type { Settings } from './settings.ts';

const MS_PER_DAY = 86_400_000;
/** Connections for other requests than reads: the bundle, its manifest, a lookup of another bundle. */
const OTHER_CONNECTIONS = 4;
/** Connections for parts of uploads: they are opened only as they are needed. */
const PART_CONNECTIONS = COPY_LIMITS.concurrency;

/**
 * Creates the handler's dependencies, once per execution environment.
 *
 * @returns a function that returns the dependencies of one invocation. The ledger caches what it learns about bundles for one
 * invocation only, so that its memory is bounded
 */
export function connect(settings: Settings, log: EventLog, metrics: Metrics): () => HandleDependencies {
  const rules = { clock: systemClock, random: Math.random };
  const buckets = { distribution: settings.DISTRIBUTION_BUCKET, archive: settings.ARCHIVE_BUCKET };
  const client = createS3Client({ maxSockets: OTHER_CONNECTIONS, bucketOwner: settings.BUCKET_OWNER });
  const store = createSignedObjectStore(client, {
    maxSockets: settings.READ_CONCURRENCY,
    sharedReads: createSharedReads(settings.SHARED_READ_BUFFER, (cause) => {
      log.warn('reads.degraded', { cause, node: process.version });
      metrics.count('ReadsDegraded', 1);
    }),
  });
  const multipart = createMultipartStore(client, { maxSockets: PART_CONNECTIONS });
  const table = createLedgerTable(settings.LEDGER_TABLE, { maxSockets: settings.CLAIM_CONCURRENCY });
  const publications = createPublications(store, buckets, rules);
  const uploads = createUploads(multipart, buckets, rules);
  const sender = (queueUrl: string) =>
    createQueueSender(createSendBatch(queueUrl), {
      ...rules,
      onError: (error) => log.error('messages.unsent', { queueUrl, error }),
    });
  const memory = createStagingMemory(settings.SPOOL_MEMORY_BYTES);
  const encoding = { format: settings.BUNDLE_FORMAT, level: settings.COMPRESSION_LEVEL };
  const codecs = { packed: codecFor('packed', encoding), single: codecFor('single', encoding) };
  const { contentType, extension } = codecs.packed;

  const lasting = {
    ...rules,
    store,
    multipart,
    log,
    metrics,
    buckets,
    contentType,
    format: settings.BUNDLE_FORMAT,
    newBundleKey: ({ kind, group }: PlannedBundle) =>
      bundleKey(
        systemClock.now(),
        randomBytes(8).toString('hex'),
        kind === 'copy' ? storeCodec().extension : extension,
        group?.name,
      ),
    copyLimits: COPY_LIMITS,
    routes: createRoutes({
      minCopiedBytes: minCopiedBytes(COPY_LIMITS),
      maxStreamedBytes: maxStreamedBytes(settings.SPOOL_MEMORY_BYTES),
      copyAboveBytes: settings.COPY_ABOVE_BYTES,
    }),
    newWriter: (planned: StreamedBundle, parts: PartSink) => {
      const partBytes = partBytesFor(bytesOf(planned), settings.SPOOL_MEMORY_BYTES);
      return createBundleWriter({
        codec: codecs[planned.kind],
        staging: createStaging({ memory, partBytes, parts }),
      });
    },
    claimGraceMs: settings.CLAIM_GRACE_SECONDS * 1000,
    claimRetentionMs: settings.CLAIM_RETENTION_DAYS * MS_PER_DAY,
    maxConcurrentClaims: settings.CLAIM_CONCURRENCY,
    maxObjectBytes: settings.OBJECT_MAX_BYTES,
    admission: {
      landingBucket: settings.LANDING_BUCKET,
      landingIsVersioned: settings.LANDING_VERSIONED === 'true',
      maxObjectBytes: settings.OBJECT_MAX_BYTES,
    },
    readAhead: { ring: createRing(settings.READ_AHEAD_BYTES), maxReads: settings.READ_CONCURRENCY },
    planLimits: {
      maxBytes: settings.BUNDLE_MAX_BYTES,
      maxMembers: settings.BUNDLE_MAX_MEMBERS,
      largeBytes: settings.MEMBER_MEMORY_BYTES,
      groupOf: settings.BUNDLE_GROUP_BY,
      forwardBytes: settings.LARGE_OBJECTS_QUEUE_URL === undefined ? undefined : settings.MEMBER_MEMORY_BYTES,
    },
    queue: sender(settings.QUEUE_URL),
    visibility: createVisibilityTimer(createChangeVisibilityBatch(settings.QUEUE_URL), {
      ...rules,
      onUnchanged: (messages, cause) => log.warn('visibility.unchanged', { messages, cause }),
    }),
    largeObjects:
      settings.LARGE_OBJECTS_QUEUE_URL === undefined ? undefined : sender(settings.LARGE_OBJECTS_QUEUE_URL),
    deadLetters: sender(settings.DEAD_LETTER_QUEUE_URL),
  };
  return () => ({ ...lasting, ledger: new Ledger({ ...rules, table, publications, uploads }) });
}
