import { createPublications } from '@data-aggregator/shared-processing/ledger';
import { replay, ReplayInProgressError } from '../../../../apps/replayer/src/replay.ts';
import type { ReplayStore } from '../../../../apps/replayer/src/replay-store.ts';
import { parseRequest, ReplayRequestError } from '../../../../apps/replayer/src/request.ts';
import { memoryReplays } from '../../../../apps/replayer/src/testing/memory-replays.ts';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { callOf, reachOf } from '../services/reach.ts';
import { BUCKETS, COPY_LIMITS, TIMEOUT_MS } from '../settings.ts';
import { quietLog, quietMetrics, rulesOf, type Stage, startProcess } from './stage.ts';

const RESERVED_SHARE = 0.3;

/** Starts an execution of a request to replay bundles. Two runs of one request share its id. */
export function startReplayer(stage: Stage, name: string, requestId: string, bundles: string[]): void {
  const { world, cloud } = stage;
  const isExpected = (error: unknown) =>
    error instanceof ReplayInProgressError || error instanceof ReplayRequestError;
  startProcess(
    stage,
    name,
    TIMEOUT_MS,
    async (actor, mutant) => {
      const clock = world.clockOf(actor);
      const rules = rulesOf(clock);
      const plain = { ...reachOf(actor, world, cloud, cloud.queue), replays: replaysOf(stage, actor) };
      const { store, listing, multipart, table, replays } = mutant.replayer?.(plain) ?? plain;
      const deadline = actor.deadline + actor.drift;
      const result = await replay(
        parseRequest({ requestId, bundles, execute: true }),
        { until: deadline - TIMEOUT_MS * RESERVED_SHARE, deadline },
        {
          ...rules,
          log: quietLog,
          metrics: quietMetrics,
          table,
          publications: createPublications(store, BUCKETS, rules),
          store,
          listing,
          archive: BUCKETS.archive,
          buckets: BUCKETS,
          landingBucket: BUCKETS.landing,
          replays,
          multipart,
          rangeBytes: COPY_LIMITS.rangeBytes,
          concurrentRanges: 2,
          restoreDays: 7,
          concurrency: 2,
          maxBundles: 1_000,
          maxConcurrentReads: 4,
        },
      );
      world.trace(`${name} ends: ${JSON.stringify(result.counts)}`);
    },
    isExpected,
  );
}

function replaysOf({ world, cloud }: Stage, actor: Parameters<typeof callOf>[0]): ReplayStore {
  const call = callOf(actor, world);
  const replays = memoryReplays(cloud.store);
  return {
    stateOf: (bucket, key) =>
      call(`HEAD ${key} in the archive`, false, async () => {
        const state = await replays.stateOf(bucket, key);
        const content = cloud.store.versions(bucket, key).at(-1)?.content;
        return state.kind === 'readable' && content
          ? { ...state, crc64nvme: await checksumOf('crc64nvme', content) }
          : state;
      }),
    restore: (bucket, key, wanted) =>
      call(`RESTORE ${key}`, true, () => replays.restore(bucket, key, wanted)),
    copy: (copy) =>
      call(`COPY to ${copy.to.key}`, true, async () => {
        const sha256 = await replays.copy(copy);
        world.act(actor.name, { kind: 'replayed', bundle: copy.to.key, from: copy.from.key });
        return sha256;
      }),
  };
}
