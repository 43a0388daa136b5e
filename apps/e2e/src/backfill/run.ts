import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
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
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import { bundlesOnDisk } from '../chaos/on-disk.ts';
import { judge, type Verdict } from '../chaos/verdict.ts';
import { notificationOf, recordOf, withoutNotifications } from '../testing/sandbox.ts';
import { inTurn } from '../testing/templates.ts';
import { startCommand } from './command.ts';
import { PREFIX, putExisting } from './existing.ts';

export interface BackfillRun {
  objects: number;
  /** How many of them are also announced by a live notification. */
  live: number;
  /** How often the command is killed and resumed. */
  kills: number;
  /** Versions per second. */
  rate: number;
  seed: number;
  /** Folder of the templates, and the environment that they describe. */
  assembly: string;
  env: string;
  signal: AbortSignal;
  progress: Progress;
}

export interface BackfillOutcome {
  objects: number;
  live: number;
  kills: number;
  /** What the preview said. */
  estimated: { objects: number; usd: number; seconds: number };
  /** Notifications of objects that were already in a bundle. */
  duplicatesDropped: number;
  bundles: number;
  verdict: Verdict;
  /** Of the backfill, without filling the bucket and checking the result. */
  seconds: number;
}

const BATCH = 10;
/** Larger batches than in other scenarios, which wait for small ones. */
const BATCH_SIZE = 500;

/**
 * Fills a landing bucket that sends no notifications, then backfills it while live notifications arrive for some of the same
 * objects, and judges every byte that the consumer pulled.
 *
 * @throws the signal's reason; Error if the command fails
 */
export async function runBackfill(run: BackfillRun): Promise<BackfillOutcome> {
  const { objects, live, rate, signal, progress } = run;
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'data-aggregator-backfill-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const random = createRandom(run.seed);

  progress.phase('starting the cloud');
  const cloud = await startCloud({
    assembly: run.assembly,
    transformTemplate: inTurn(withoutNotifications, withLargeBatches),
  });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const { tally, add } = createTally();
  cloud.onLog((line) => {
    add(line);
    progress.update({ bundled: tally.bundled });
  });

  progress.phase('filling');
  const onPut = (uploaded: number) => progress.update({ uploaded });
  const sent = await putExisting(objects, { services, random, signal, onPut });
  await services.landing.put(objectOf('outside the prefix', Buffer.from('x')));
  const watching = cleanup.use(watchQueues(cloud, (queued) => progress.update({ queued })));

  progress.phase('backfilling');
  const began = performance.now();
  const checkpoint = join(folder, 'checkpoint.json');
  const options = { cloud, env: run.env, prefix: PREFIX, checkpoint, signal };
  const { counts, estimate } = await startCommand([], options).end();
  // Longer than the backfill, so that notifications arrive before, while and after it looks at their objects.
  const overMs = 2 * (objects / rate) * 1000;
  const announcing = announce(pick(sent, live, random), { cloud, services, signal, overMs });
  announcing.catch(() => undefined); // Awaited below.
  const words = ['--execute', '--rate', String(rate), '--checkpoint', checkpoint];
  let kills = 0;
  for (let kill = 1; kill <= run.kills; kill++) {
    const resume = kill > 1 ? ['--resume'] : [];
    const command = startCommand([...words, ...resume], options);
    if (await command.killAt((objects * kill) / (run.kills + 1))) kills++;
  }
  const { done } = await startCommand([...words, ...(run.kills > 0 ? ['--resume'] : [])], options).end();
  if (!done) throw new Error('the backfill did not end');
  await announcing;
  await cloud.idle(signal);
  const seconds = (performance.now() - began) / 1000;
  watching[Symbol.dispose]();

  progress.phase('checking');
  const inbox = join(folder, 'inbox');
  await consumeOnce(cloud, inbox, signal);
  const bundles = await bundlesOnDisk(inbox, services);
  const members = bundles.flatMap(({ manifest }) => manifest.members);
  const outside = members.find(({ key }) => !key.startsWith(PREFIX));
  if (outside) throw new Error(`${outside.key} was delivered, although it is outside the prefix`);
  return {
    objects: sent.length,
    live,
    kills,
    estimated: { objects: counts.enqueued, usd: estimate?.usd ?? 0, seconds: estimate?.seconds ?? 0 },
    duplicatesDropped: tally.duplicates,
    bundles: bundles.length,
    verdict: judge(sent, bundles, quarantinedObjects(await services.deadMessages())),
    seconds,
  };
}

const withLargeBatches: typeof withoutNotifications = (template) => {
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    const isAggregators = Number(Properties['MaximumBatchingWindowInSeconds']) > 0;
    if (Type === 'AWS::Lambda::EventSourceMapping' && isAggregators) Properties['BatchSize'] = BATCH_SIZE;
  }
  return template;
};

/** Chooses objects at random, in random order. */
function pick(sent: readonly SentObject[], count: number, random: Random): SentObject[] {
  const rest = [...sent];
  return Array.from({ length: Math.min(count, rest.length) }, () =>
    rest.splice(random.below(rest.length), 1),
  ).flat();
}

/** Sends S3's notifications of objects, evenly over a time. */
async function announce(
  objects: readonly SentObject[],
  {
    cloud,
    services,
    signal,
    overMs,
  }: { cloud: Cloud; services: Services; signal: AbortSignal; overMs: number },
): Promise<void> {
  const name = Object.keys(cloud.queues).find((queue) => queue.endsWith('-aggregator')) ?? '';
  const began = performance.now();
  for (let at = 0; at < objects.length; at += BATCH) {
    const early = began + (at / objects.length) * overMs - performance.now();
    await sleep(Math.max(0, early), undefined, { signal });
    const Entries = objects.slice(at, at + BATCH).map((object, index) => ({
      Id: String(index),
      MessageBody: notificationOf(recordOf(object)),
    }));
    const batch = new SendMessageBatchCommand({ QueueUrl: cloud.queues[name]?.url, Entries });
    const { Failed = [] } = await services.sqs.send(batch);
    if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} notifications`);
  }
}
