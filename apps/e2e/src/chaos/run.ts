import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { type LandedObject, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import {
  connect,
  consumerEnvironment,
  createTally,
  type Progress,
  quarantinedObjects,
  type SentObject,
  type Services,
  spawnConsumer,
  watchQueues,
} from '@data-aggregator/pipeline-client';
import { setLargeObjects } from '../testing/set-large-objects.ts';
import { chaosFiles } from './files.ts';
import { bundlesOnDisk } from './on-disk.ts';
import { startStorm } from './storm.ts';
import { judge, type Verdict } from './verdict.ts';

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
/** Enough for the run's large files; the run waits for it after each kill of their function. */
const LARGE_TIMEOUT_SECONDS = 15;
/** Less than the sandbox's claim grace of 3 s. */
const LATEST_EFFECT_MS = 2_000;

/**
 * Runs the pipeline with real processes while injecting kills, cut connections and errors, then lets it drain without faults, and
 * judges every byte that the consumer has put on disk.
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
  const cloud = await startCloud({
    assembly: run.assembly,
    transformTemplate: setLargeObjects({ timeoutSeconds: LARGE_TIMEOUT_SECONDS }),
  });
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
  const inbox = join(folder, 'inbox');
  const consumer = startConsumer(cloud, services, inbox, signal);
  cleanup.defer(consumer.kill);
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
  await consumer.stop();
  watching[Symbol.dispose]();

  progress.phase('checking');
  const bundles = await bundlesOnDisk(inbox, services);
  const quarantined = quarantinedObjects(await services.deadMessages());
  return {
    files: sent.length,
    kills,
    faults: storm.faults,
    requeued: again.count,
    bundles: bundles.length,
    verdict: judge(sent, bundles, quarantined),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Runs the consumer while bundles appear; `stop` waits until it has taken the rest. */
function startConsumer(cloud: Cloud, { consumer }: Services, inbox: string, signal: AbortSignal) {
  const child = spawnConsumer(['run', '--to', inbox], {
    ...consumerEnvironment(cloud),
    LIST_EVERY_SECONDS: '5',
  });
  let output = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  return {
    kill,
    async stop(): Promise<void> {
      while (child.exitCode === null && (await consumer.list()).length > 0) {
        await sleep(200, undefined, { signal });
      }
      child.kill('SIGTERM');
      const code = await ended;
      signal.removeEventListener('abort', kill);
      if (code !== 0) throw new Error(`the consumer ended with ${code}: ${output}`);
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
