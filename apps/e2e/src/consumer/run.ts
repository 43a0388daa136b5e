import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Fault, ServiceFault } from '@data-aggregator/local-cloud';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import { type BundleShape, makeBundle, type MadeBundle } from './bundles.ts';
import { checkDisks, type DiskVerdict } from './check.ts';
import { canMountDisks, mountSmallDisk, type SmallDisk } from './disk.ts';
import { newInbox, type RunningConsumer, startWorld, type World } from './world.ts';

export interface ConsumerChaos {
  bundles: number;
  kills: number;
  seed: number;
  signal: AbortSignal;
  /** Called from time to time, for a person. */
  note: (text: string) => void;
}

export interface ConsumerChaosResult {
  bundles: number;
  files: number;
  kills: number;
  /** Failed, lost and late requests. */
  faults: number;
  /** Times that an inbox's disk was full; undefined where no disk could be mounted. */
  fullDisks: number | undefined;
  verdict: DiskVerdict;
  requestsPerBundle: number;
  seconds: number;
}

const FAULTINESS = 0.04;
/** Longest life of a process before it is killed, ms. */
const LONGEST_LIFE_MS = 1_200;
/** Before a machine starts its consumer again after a failure, ms. */
const RESTART_MS = 300;
const DISK_MEGABYTES = 192;
/** More than a run delivers. */
const CALM_DISK = 'size=64g';
/** Without a bundle delivered for this long, a run ends, and its files count as missing. */
const MAX_STANDSTILL_MS = 180_000;
const SETTINGS = { LIST_EVERY_SECONDS: '5', LOST_AFTER_SECONDS: '5', RESERVE_BYTES: '256KiB' };

/**
 * Two consumers on two "machines", with an inbox each, share one bucket and one queue. Bundles arrive while their processes are killed at
 * random moments, requests fail, get lost or take effect late, and the disk of one of them is full from time to time. Then everything is
 * left in peace until no bundle is left, and every file on both disks is checked.
 *
 * @throws the signal's reason
 */
export async function runConsumerChaos(chaos: ConsumerChaos): Promise<ConsumerChaosResult> {
  const { signal, note } = chaos;
  await using cleanup = new AsyncDisposableStack();
  const began = performance.now();
  const random = createRandom(chaos.seed);
  const world = cleanup.use(await startWorld());
  const first = newInbox(world, 'first');
  const disk = canMountDisks() ? await mountSmallDisk(first, DISK_MEGABYTES) : undefined;
  if (disk) cleanup.use(disk);
  const second = newInbox(world, 'second');
  const storm = startStorm(world, random);
  const ending = new AbortController();
  const machines = [startMachine(world, first, 'bundle', disk), startMachine(world, second, 'tree')] as const;
  cleanup.defer(async () => {
    ending.abort();
    await Promise.all(machines.map((machine) => machine.stop()));
  });

  const published: MadeBundle[] = [];
  const publish = async () => {
    const bundle = await makeBundle(random, world.distribution, shapeOf(published.length, random));
    await world.publish(bundle);
    published.push(bundle);
  };
  const filling = fillDisk(disk, random, ending.signal);
  let kills = 0;
  let noted = 0;
  // Bundles arrive in proportion to the kills, so that a killed process always had something to do.
  while (kills < chaos.kills || published.length < chaos.bundles) {
    signal.throwIfAborted();
    const due = chaos.kills === 0 ? chaos.bundles : Math.ceil(((kills + 1) / chaos.kills) * chaos.bundles);
    while (published.length < Math.min(due, chaos.bundles)) await publish();
    if (kills >= chaos.kills) break;
    const machine = random.pick(machines);
    await sleep(random.below(LONGEST_LIFE_MS / machines.length), undefined, { signal });
    machine.kill();
    kills++;
    if (kills - noted >= 50) note(`${(noted = kills)} kills, ${published.length} bundles published`);
  }
  storm.end();
  ending.abort();
  const fullDisks = await filling;
  // It may be full of delivered files by now.
  disk?.remount(CALM_DISK);

  note('calm');
  let [waiting, since] = [Infinity, performance.now()];
  while (waiting > 0 && performance.now() - since < MAX_STANDSTILL_MS) {
    await Promise.race([sleep(200, undefined, { signal }), ...machines.map((machine) => machine.failed)]);
    const now = await waitingBundles(world);
    if (now !== waiting) [waiting, since] = [now, performance.now()];
  }
  await Promise.all(machines.map((machine) => machine.stop()));
  const requests = world.requests + storm.queueRequests;
  const verdict = await checkDisks([disk?.outside ?? first, second], published);
  return {
    bundles: published.length,
    files: published.reduce((sum, { files }) => sum + files.size, 0),
    kills,
    faults: storm.faults,
    fullDisks,
    verdict,
    requestsPerBundle: Math.round((requests / published.length) * 10) / 10,
    seconds: (performance.now() - began) / 1000,
  };
}

/** Mostly small files; some bundles in other formats, some in several ranges, and versions of keys that exist already. */
function shapeOf(index: number, random: Random): BundleShape {
  if (index % 25 === 7) return { files: 2, maxBytes: 20 * 1024 ** 2, noise: true };
  if (index % 5 === 3) return { files: 1 + random.below(20), maxBytes: 600_000, format: 'tar.zst' };
  return { files: 1 + random.below(60), maxBytes: 6_000, folder: `in-${random.below(3)}` };
}

/** A machine starts its consumer again whenever it ends, as systemd does. */
function startMachine(world: World, inbox: string, layout: 'bundle' | 'tree', disk?: SmallDisk) {
  let stopping = false;
  let current: RunningConsumer | undefined;
  const working = (async () => {
    while (!stopping) {
      current = world.start(['run', '--to', inbox, '--layout', layout], SETTINGS, disk);
      const { exitCode, stderr } = await current.ended;
      // 4: its disk was full when it started.
      if (exitCode === 4) await sleep(RESTART_MS);
      else if (!stopping && exitCode !== null)
        throw new Error(`a consumer ended with ${exitCode}: ${stderr}`);
    }
  })();
  working.catch(() => undefined); // Heard by `stop`.
  return {
    /** Rejects if its consumer ends although it must not. */
    failed: working,
    kill: () => void current?.child.kill('SIGKILL'),
    async stop() {
      stopping = true;
      current?.child.kill('SIGTERM');
      await working;
    },
  };
}

/** Fills and empties the disk until the signal aborts. @returns how often it was full */
async function fillDisk(
  disk: SmallDisk | undefined,
  random: Random,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!disk) return undefined;
  let full = 0;
  while (!signal.aborted) {
    await sleep(1_000 + random.below(3_000), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    await disk.fill();
    full++;
    await sleep(500 + random.below(1_500), undefined, { signal }).catch(() => undefined);
    disk.empty();
  }
  return full;
}

/** Disturbs the consumers' requests, and no others. */
function startStorm(world: World, random: Random) {
  const { cloud, environment } = world;
  const count = cloud.faults.s3;
  const isOurs = (roleName: string | undefined) => roleName?.endsWith('-consumer') === true;
  let faults = 0;
  let queueRequests = 0;
  let isOver = false;
  const strikes = () => !isOver && random.chance(FAULTINESS) && ++faults > 0;
  cloud.faults.s3 = async (call) => {
    await count?.(call);
    if (call.accessKeyId !== environment['AWS_ACCESS_KEY_ID'] || !strikes()) return undefined;
    const isWrite = call.operation === 'PutObject' || call.operation === 'DeleteObject';
    const common: S3Fault[] = [
      { delayMs: random.below(500) },
      { status: 500, code: 'InternalError' },
      { status: 503, code: 'SlowDown' },
      { cutBeforeEffect: true },
    ];
    const writing: S3Fault[] = [{ cutAfterEffect: true }, { lateEffectMs: random.below(1_000) }];
    const reading: S3Fault[] = [
      { cutBodyAfterBytes: random.below(50_000) },
      { flipBodyBit: random.below(400_000) },
    ];
    return random.pick([...common, ...(isWrite ? writing : reading)]);
  };
  cloud.faults.sqs = ({ roleName }) => {
    if (!isOurs(roleName)) return undefined;
    queueRequests++;
    if (!strikes()) return undefined;
    const common: ServiceFault[] = [
      { status: 500, code: 'InternalServerError' },
      { status: 400, code: 'ThrottlingException' },
      { cutBeforeEffect: true },
      { cutAfterEffect: true },
    ];
    return random.pick(common);
  };
  return {
    get faults() {
      return faults;
    },
    get queueRequests() {
      return queueRequests;
    },
    end() {
      isOver = true;
    },
  };
}

async function waitingBundles({ s3, distribution }: World): Promise<number> {
  const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: distribution }));
  return KeyCount;
}
