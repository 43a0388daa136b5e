import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud } from '@data-aggregator/local-cloud';
import {
  connect,
  consumeOnce,
  createTally,
  objectOf,
  type Progress,
  quarantinedObjects,
  type SentObject,
  type Services,
  watchQueues,
} from '@data-aggregator/pipeline-client';
import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { bundlesOnDisk } from '../chaos/on-disk.ts';
import { judge } from '../chaos/verdict.ts';
import type { HealCase } from './cases.ts';
import { type CaseResult, resultOf, type TimedFile } from './result.ts';

/** Files that arrive, and what happens meanwhile. */
export type Stream = Omit<HealCase, 'name' | 'targets'>;

export interface CaseRun {
  /** Folder of the templates. */
  assembly: string;
  random: Random;
  signal: AbortSignal;
  progress: Progress;
}

export interface FinishedCase {
  result: CaseResult;
  files: TimedFile[];
}

type Landed = Omit<TimedFile, 'publishedAt'> & { object: SentObject };

const SMALL_BYTES = 5_000;
/** How long everything may take once the last file has landed: far more than any target, and less than forever. */
const MAX_DRAIN_MS = 45 * 60_000;

/**
 * Runs one case with real processes in real time, on a cloud of its own, and never touches the queue: what is measured is what the
 * function, SQS and the event source mapping do by themselves.
 *
 * @throws the signal's reason
 */
export async function runCase(heal: Stream, run: CaseRun): Promise<FinishedCase> {
  const { progress } = run;
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'data-aggregator-heal-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const cloud = await startCloud({ assembly: run.assembly });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const { tally, add } = createTally();
  cloud.onLog(add);
  cleanup.use(watchQueues(cloud, (queued) => progress.update({ queued })));

  progress.phase(heal.title);
  const appeared = watchDistribution(services);
  cleanup.defer(appeared.stop);
  const disturbing = heal.disturb?.(cloud, run.random, run.signal);
  disturbing?.catch(() => undefined); // It is awaited below.
  const landed = await land(heal, services, run);
  const endedAt = await disturbing;
  progress.phase('waiting until everything is delivered');
  await cloud.idle(AbortSignal.any([run.signal, AbortSignal.timeout(MAX_DRAIN_MS)]));
  await appeared.stop();

  progress.phase('checking');
  const inbox = join(folder, 'inbox');
  await consumeOnce(cloud, inbox, run.signal);
  const bundles = await bundlesOnDisk(inbox, services);
  const letters = await services.deadMessages();
  const verdict = judge(
    landed.map(({ object }) => object),
    bundles,
    quarantinedObjects(letters),
  );
  const bundleOf = new Map(
    bundles.flatMap(({ key, manifest }) =>
      manifest.members.map((member) => [identityOf(member), key] as const),
    ),
  );
  const files = landed.map(({ object, ...file }) => {
    const bundle = bundleOf.get(identityOf(object));
    return { ...file, bundle, publishedAt: bundle === undefined ? undefined : appeared.at(bundle) };
  });
  const counts = {
    deadLetters: letters.length,
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.length,
    mismatched: verdict.mismatched.length,
    forwards: tally.forwarded,
  };
  return { result: resultOf(files, counts, endedAt), files };
}

/** Uploads the case's files at their times. @throws the signal's reason */
async function land(heal: Stream, services: Services, { signal, progress }: CaseRun): Promise<Landed[]> {
  const start = Date.now();
  const landed: Landed[] = [];
  const uploads: Promise<void>[] = [];
  const upload = async (key: string, body: Buffer, file: Pick<Landed, 'isLarge' | 'isBesideLarge'>) => {
    const object = await services.landing.put(objectOf(key, body));
    landed.push({ key, ...file, landedAt: Date.now(), object });
    progress.update({ uploaded: landed.length });
  };
  for (const { at, isLarge, key } of arrivals(heal)) {
    const early = start + at * 1000 - Date.now();
    // One that is late does not wait for a timer, so that a busy machine delays files and does not lower their rate.
    if (early > 0) await sleep(early, undefined, { signal });
    const body = Buffer.alloc(isLarge ? (heal.large?.bytes ?? 0) : SMALL_BYTES, `${key} `);
    const isBesideLarge = heal.large !== undefined && at >= heal.large.afterSeconds;
    uploads.push(upload(key, body, { isLarge, isBesideLarge: isBesideLarge && !isLarge }));
  }
  await Promise.all(uploads);
  return landed;
}

/** The files of a case in the order of their arrival. `at` is in seconds from the start. */
export function arrivals({ filesPerSecond, seconds, large }: Stream) {
  const small = Array.from({ length: filesPerSecond * seconds }, (_, n) => ({
    at: n / filesPerSecond,
    key: `small/${n}.txt`,
    isLarge: false,
  }));
  const big = large
    ? Array.from({ length: Math.floor((seconds - large.afterSeconds) / large.everySeconds) }, (_, n) => ({
        at: large.afterSeconds + n * large.everySeconds,
        key: `large/${n}.txt`,
        isLarge: true,
      }))
    : [];
  return [...small, ...big].sort((a, b) => a.at - b.at);
}

/** Notes when each bundle is first listed. */
function watchDistribution({ consumer }: Services) {
  const seen = new Map<string, number>();
  let stopping = false;
  const look = async () => {
    for (const key of await consumer.list()) if (!seen.has(key)) seen.set(key, Date.now());
  };
  const watching = (async () => {
    while (!stopping) {
      await look();
      await sleep(100);
    }
    await look();
  })();
  watching.catch(() => undefined); // It is awaited in `stop`.
  return {
    at: (bundle: string) => seen.get(bundle),
    stop: () => {
      stopping = true;
      return watching;
    },
  };
}
