import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { type LandedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import {
  connect,
  createTally,
  type Progress,
  pull,
  type PulledBundle,
  quarantinedObjects,
  type SentObject,
  type Services,
  tarEntries,
  watchQueues,
} from '@data-aggregator/pipeline-client';
import { chaosFiles } from './files.ts';
import { startStorm } from './storm.ts';
import { judge, type ReadBundle, type Verdict } from './verdict.ts';

export interface ChaosRun {
  files: number;
  kills: number;
  seed: number;
  /** Folder of templates with short timeouts, because the run waits for every killed invocation. */
  assembly: string;
  signal: AbortSignal;
  progress: Progress;
}

export interface ChaosOutcome {
  files: number;
  kills: number;
  faults: number;
  requeued: number;
  bundles: number;
  verdict: Verdict;
  seconds: number;
}

/** The pace at which files arrive, as in a burst. */
const FILES_PER_SECOND = 100;
/** Concurrent uploads. */
const AT_ONCE = 8;
const FAULTINESS = 0.05;
/** Less than the sandbox's claim grace of 3 s. */
const LATEST_EFFECT_MS = 2_000;

/**
 * Runs the pipeline with real processes while injecting kills, cut connections and errors, then lets it drain without faults, and
 * judges every byte that the consumer pulled.
 *
 * @throws the signal's reason
 */
export async function runChaos(run: ChaosRun): Promise<ChaosOutcome> {
  const { signal, progress } = run;
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'data-aggregator-chaos-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const began = performance.now();
  const random = createRandom(run.seed);

  progress.phase('starting the cloud');
  const cloud = await startCloud({ assembly: run.assembly });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const watching = cleanup.use(watchQueues(cloud, (queued) => progress.update({ queued })));
  const { tally, add } = createTally();
  cloud.onLog((line) => {
    add(line);
    progress.update({ bundled: tally.bundled });
  });

  progress.phase('storm');
  const storm = startStorm(cloud, random, { faultiness: FAULTINESS, latestEffectMs: LATEST_EFFECT_MS });
  const consumer = startConsumer(services, folder, signal);
  const again = createRequeuer(cloud, services, random);
  const killing = killProcesses(cloud, run, random);
  let uploaded = 0;
  const firstArrival = performance.now();
  const arrivals = [...chaosFiles(run.files, random)].map((object, number) => ({ object, number }));
  const sent = await mapConcurrently(arrivals, AT_ONCE, async ({ object, number }) => {
    const early = firstArrival + (number / FILES_PER_SECOND) * 1_000 - performance.now();
    await sleep(Math.max(0, early), undefined, { signal });
    const landed = await services.landing.put(object);
    progress.update({ uploaded: ++uploaded });
    await again.maybe(landed);
    return landed;
  });
  const kills = await killing;
  storm.end();

  progress.phase('calm');
  await cloud.idle(signal);
  // A call sent before a kill may still take effect.
  await sleep(LATEST_EFFECT_MS, undefined, { signal });
  const pulled = await consumer.stop();
  watching[Symbol.dispose]();

  progress.phase('checking');
  const bundles = await mapConcurrently(pulled, 4, (bundle) => readBundle(bundle, services));
  const quarantined = quarantinedObjects(await services.deadMessages());
  return {
    files: sent.length,
    kills,
    faults: storm.faults,
    requeued: again.count,
    bundles: pulled.length,
    verdict: judge(sent, bundles, quarantined),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Pulls and deletes bundles as they appear; `stop` pulls the rest. */
function startConsumer({ consumer }: Services, folder: string, signal: AbortSignal) {
  const pulled: PulledBundle[] = [];
  let stopping = false;
  const onPulled = (bundle: PulledBundle) => void pulled.push(bundle);
  const working = (async () => {
    while (!stopping) {
      await pull(consumer, folder, { signal, onPulled });
      await sleep(200, undefined, { signal });
    }
  })();
  working.catch(() => undefined); // Heard by `stop`.
  return {
    async stop(): Promise<PulledBundle[]> {
      stopping = true;
      await working;
      await pull(consumer, folder, { signal, onPulled });
      return pulled;
    },
  };
}

/** Sends some notifications again, as S3 and SQS may. */
function createRequeuer(cloud: Cloud, { sqs }: Services, random: Random) {
  const [, queue] = Object.entries(cloud.queues).find(([name]) => name.endsWith('-aggregator')) ?? [];
  if (!queue) throw new Error('the templates have no queue of the aggregator');
  let count = 0;
  return {
    get count() {
      return count;
    },
    async maybe(object: SentObject): Promise<void> {
      while (random.chance(0.1)) {
        count++;
        const { bucket, key, version, size } = object;
        const landed: Omit<LandedObject, 'event'> = {
          bucket,
          key,
          version,
          size,
          etag: '0'.repeat(32),
          landedAt: Date.now(),
        };
        const MessageBody = JSON.stringify(toS3Event([landed]));
        await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
      }
    },
  };
}

/** Longest wait for a successful invocation between two kills, in ms. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * Kills busy function processes at random moments until the requested number is reached. Waits for a successful invocation between
 * two kills; otherwise the mapping's back-off would leave only first attempts to kill.
 */
async function killProcesses(cloud: Cloud, { kills, signal }: ChaosRun, random: Random): Promise<number> {
  const successes = async () => {
    const { mappings } = await cloud.stats();
    return mappings.reduce(
      (sum, { invocations, errors, running }) => sum + invocations - errors - running,
      0,
    );
  };
  let killed = 0;
  while (killed < kills) {
    await sleep(random.below(400), undefined, { signal });
    // If the kills have left nothing to do, their messages return when their visibility timeout ends.
    if (!cloud.killFunctionProcess()) continue;
    killed++;
    const before = await successes();
    const until = performance.now() + LONGEST_PAUSE_MS;
    while (performance.now() < until && (await successes()) <= before) await sleep(50, undefined, { signal });
  }
  return killed;
}

/** A pulled bundle with its manifest from the archive. */
export async function readBundle({ key, file }: PulledBundle, services: Services): Promise<ReadBundle> {
  const text = await services.archived(manifestKey(key));
  if (text === undefined) throw new Error(`${key} has no manifest`);
  const manifest = parseManifest(text, manifestKey(key));
  return { key, manifest, entries: await tarEntries(file, manifest.bundle.format) };
}
