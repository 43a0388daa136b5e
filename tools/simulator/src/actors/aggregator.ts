import {
  createBundleWriter,
  createRing,
  createRoutes,
  createStaging,
  createStagingMemory,
  type HandleDependencies,
  handleMessages,
} from '@data-aggregator/bundling';
import { storeCodec } from '@data-aggregator/bundling/testing';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { createPublications, createUploads, Ledger } from '@data-aggregator/shared-processing/ledger';
import {
  type BatchResponse,
  createQueueSender,
  createVisibilityTimer,
  type Message,
} from '@data-aggregator/shared-processing/sqs';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { Reach } from '../services/reach.ts';
import {
  BUCKETS,
  CLAIM_GRACE_MS,
  CLAIM_RETENTION_MS,
  COPY_LIMITS,
  FORWARD_BYTES,
  PART_BYTES,
  STAGING_BYTES,
  STREAMED_BYTES,
} from '../settings.ts';
import type { Mutant } from '../mutants/mutants.ts';
import type { Actor, World } from '../services/world.ts';

/**
 * Runs the bundling functions' own code as one invocation, over a cloud whose every call the scheduler decides.
 *
 * @param division which objects are forwarded, none in the function for large objects; the groups; and concurrent claims, 4 by default
 */
export async function invoke(
  actor: Actor,
  messages: readonly Message[],
  division: Pick<HandleDependencies['planLimits'], 'forwardBytes' | 'groupOf'> &
    Partial<Pick<HandleDependencies, 'maxConcurrentClaims'>>,
  reach: Reach,
  world: Pick<World, 'clockOf'>,
  random: Pick<Random, 'below'>,
  mutant: Mutant,
): Promise<BatchResponse> {
  const clock = world.clockOf(actor);
  const rules = { clock, random: () => 0.5 };
  const { store, multipart, table, ...sqs } = mutant.reach?.(reach) ?? reach;
  const publications = createPublications(store, BUCKETS, rules);
  const uploads = createUploads(multipart, BUCKETS, rules);
  const ledger = new Ledger({
    ...rules,
    table,
    publications: mutant.publications?.(publications) ?? publications,
    uploads: mutant.uploads?.(uploads) ?? uploads,
  });
  const sender = (sendBatch: Reach['sendToQueue']) =>
    createQueueSender(sendBatch, { ...rules, onError: ignore });
  const newBundleKey: HandleDependencies['newBundleKey'] = ({ group }) =>
    bundleKey(
      clock.now(),
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(16, '0'),
      '.tar',
      group?.name,
    );
  const dependencies: HandleDependencies = {
    ...rules,
    store,
    multipart,
    ledger: mutant.ledger?.(ledger) ?? ledger,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    metrics: { count: ignore, seconds: ignore },
    buckets: BUCKETS,
    contentType: 'application/x-tar',
    // What the consumer reads: see newWriter.
    format: 'tar',
    manifestEncoding: 'identity',
    copyLimits: COPY_LIMITS,
    routes: createRoutes({ minCopiedBytes: 2 * COPY_LIMITS.headBytes, maxStreamedBytes: STREAMED_BYTES }),
    newBundleKey: mutant.newBundleKey?.(newBundleKey) ?? newBundleKey,
    // Uncompressed and in memory: the timing of thread pools and files does not depend on the seed.
    newWriter: (_planned, parts) =>
      createBundleWriter({
        codec: storeCodec(),
        staging: createStaging({
          memory: createStagingMemory(STAGING_BYTES),
          partBytes: PART_BYTES,
          parts,
        }),
      }),
    claimGraceMs: mutant.claimGraceMs ?? CLAIM_GRACE_MS,
    claimRetentionMs: CLAIM_RETENTION_MS,
    maxConcurrentClaims: division.maxConcurrentClaims ?? 4,
    maxObjectBytes: 10_000,
    admission: { landingBucket: BUCKETS.landing, landingIsVersioned: true, maxObjectBytes: 10_000 },
    readAhead: { ring: createRing(200), maxReads: 2 },
    // Small enough that three files may need two bundles, and one of 100 bytes has its own.
    planLimits: {
      maxBytes: 150,
      maxMembers: 3,
      largeBytes: FORWARD_BYTES,
      ...division,
      groupOf: division.groupOf && (mutant.groupOf?.(division.groupOf) ?? division.groupOf),
    },
    queue: sender(sqs.sendToQueue),
    visibility: createVisibilityTimer(sqs.changeVisibility, { ...rules, onUnchanged: ignore }),
    largeObjects: sender(sqs.sendToLargeObjects),
    deadLetters: sender(sqs.sendToDeadLetters),
  };
  const response = await handleMessages(messages, actor.deadline + actor.drift, dependencies);
  return mutant.response?.(response) ?? response;
}

const ignore = () => undefined;
