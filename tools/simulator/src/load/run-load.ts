import { limits } from '@data-aggregator/cost-model/capacity';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { type ArrivalOptions, arrivalsAt, arrivalsOf } from './arrivals.ts';
import { Histogram } from './histogram.ts';
import { LandedFiles } from './landed-files.ts';
import { Lambda } from './lambda.ts';
import { Mapping } from './mapping.ts';
import { LoadQueue } from './queue.ts';
import { type PublishedBundle, Services } from './services.ts';
import type { LoadSettings, Times } from './settings.ts';
import { Tally } from './tally.ts';
import { VirtualTime } from './virtual-time.ts';

export interface LoadRun extends Pick<
  ArrivalOptions,
  'filesPerSecond' | 'minutes' | 'burst' | 'eachStandsFor'
> {
  /** When files really landed, in ms from the start, instead of evenly at a rate. */
  landings?: readonly number[];
  /** How fast the function was in each invocation, in the order of their starts, if that was measured; otherwise always as fast as `times` says. */
  speeds?: readonly Speed[];
  avgKb: number;
  /** Bytes of files per byte of bundle. */
  compressRatio: number;
  /** Seconds in the middle of the run in which the ledger does not answer; 0 for none. */
  outageSeconds: number;
  settings: LoadSettings;
  times: Times;
  /** Lambda's pollers of a quiet queue. */
  pollers: number;
  /** Whether mappings work like those of the embedded cloud; see `MappingOptions`. */
  collectsAhead: boolean;
  /** Share of invocations whose process dies, and of messages that SQS delivers twice. */
  deaths: number;
  repeats: number;
  seed: number;
  /** Called once a minute of simulated time. */
  onProgress?: (minute: number, landed: number, delivered: number) => void;
  /** Called for each bundle that is published. */
  onBundle?: (bundle: PublishedBundle) => void;
}

/** How fast the function was in an invocation. Moments are ms from the start. */
export interface Speed {
  from: number;
  to: number;
  msPerFile: number;
}

/** Seconds from landing to distribution. */
export interface Spread {
  p50: number;
  p95: number;
  p999: number;
  max: number;
}

/** What an outage left behind. Undefined figures were not reached. */
export interface Outage {
  seconds: number;
  /** Files that had landed and were in no bundle when it ended. */
  backlogAtEnd: number | undefined;
  /** Seconds from its end until 99.9 % of them were delivered. */
  secondsToDrain: number | undefined;
}

export interface LoadResult {
  files: number;
  delivered: number;
  duplicated: number;
  deadLetters: number;
  latency: Spread;
  /** Of files that landed more than five minutes before the outage; undefined without an outage. */
  latencyBeforeOutage: Spread | undefined;
  outage: Outage | undefined;
  bundles: number;
  filesPerBundle: number;
  maxConcurrency: number;
  requests: Tally['requests'];
  throttled: Tally['throttled'];
  invocationsEnded: Tally['ended'];
  usd: number;
  usdPerMillionFiles: number;
  /** At the end of each minute. */
  backlog: BacklogPoint[];
  /** Seconds of simulated time until everything was delivered. */
  simulatedSeconds: number;
}

export interface BacklogPoint {
  minute: number;
  /** Files that have landed and are in no bundle. */
  files: number;
  /** Messages in flight, and pollers, in all queues. */
  inFlight: number;
  pollers: number;
}

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
/** A run ends so long after the last file, whatever is left. */
const MAX_DRAIN_MINUTES = 24 * 60;
/** A file in a thousand has a late notification. */
const LATE_SHARE = 0.001;
/** A copy of a message appears within this time. */
const REPEATED_WITHIN_MS = MINUTE;
/** Files that land so shortly before an outage may still be affected by it. */
const AFFECTED_MS = 5 * MINUTE;
/** Share of the files that waited when an outage ended, after which it counts as worked off: notifications of a few are late. */
const WORKED_OFF = 0.999;

/** Runs a load from its first file until everything is delivered. Everything depends on the seed. */
export async function runLoad(run: LoadRun): Promise<LoadResult> {
  const { settings, times, eachStandsFor, seed } = run;
  Error.stackTraceLimit = 0; // Simulated outages create many errors, whose stacks are never used.
  const random = createRandom(seed);
  const time = new VirtualTime(START);
  const arrivals = run.landings
    ? arrivalsAt(run.landings)
    : arrivalsOf({ ...run, landingPrefixes: settings.landingPrefixes }, random);
  const files = new LandedFiles(arrivals, START, eachStandsFor, Math.round(run.avgKb * 1000));
  const tally = new Tally();
  const outage = outageOf(run);
  const latencies = { all: new Histogram(), before: new Histogram() };
  /** Files in bundles that landed before the outage was over. */
  let deliveredFromBefore = 0;
  const services = new Services({
    ...{ time, random, settings, times, files, tally },
    isLedgerUp: (now) => now < START + outage.from || now >= START + outage.to,
    onDelivered: (landedAt, ms) => {
      latencies.all.add(ms, eachStandsFor);
      if (landedAt <= START + outage.to) deliveredFromBefore += eachStandsFor;
      if (landedAt < START + outage.from - AFFECTED_MS) latencies.before.add(ms, eachStandsFor);
    },
    onBundle: run.onBundle,
  });
  const msPerFileAt = (now: number) =>
    nearestSpeed(run.speeds ?? [], now - START)?.msPerFile ?? times.msPerFile;
  const lambda = new Lambda({ ...run, time, random, files, services, tally, msPerFileAt });
  const queues = Array.from(
    { length: settings.queues },
    (_, index) =>
      new LoadQueue({
        ...{ arrivals, index, queues: settings.queues },
        visibilityMs: settings.visibilitySeconds * 1000,
        maxReceives: settings.maxReceiveCount,
        maxInFlight: Math.floor(limits.sqsInFlight.value / eachStandsFor),
        usualNotificationMs: times.notificationMs,
        notificationMs: (file) => {
          const late = shareOf(file, seed + 1) / LATE_SHARE;
          return times.notificationMs + (late < 1 ? late * times.latestNotificationMs : 0);
        },
        repeatedAfterMs: (file) => {
          const repeated = shareOf(file, seed + 2) / run.repeats;
          return repeated < 1 ? repeated * REPEATED_WITHIN_MS : undefined;
        },
      }),
  );
  const mappings = queues.map((queue) => {
    const { pollers, collectsAhead } = run;
    return new Mapping({
      ...{ queue, lambda, time, settings, times, tally, start: START, eachStandsFor, pollers, collectsAhead },
      onDone: (file) => services.forget(file),
    });
  });

  const sinceStart = () => time.now() - START;
  const landed = () => arrivals.landedBy(sinceStart()) * eachStandsFor;
  const delivered = () => services.delivered * eachStandsFor;
  const deadLetters = () => sum(queues.map((queue) => queue.deadLetters));
  const backlog: BacklogPoint[] = [];
  const watchBacklog = async () => {
    for (let minute = 1; ; minute++) {
      await time.until(START + minute * MINUTE);
      backlog.push({
        minute,
        files: landed() - delivered(),
        inFlight: sum(queues.map((queue) => queue.inFlight)) * eachStandsFor,
        pollers: sum(mappings.map((mapping) => mapping.pollers)),
      });
      run.onProgress?.(minute, landed(), delivered());
    }
  };
  const watchOutage = async (): Promise<Omit<Outage, 'seconds'>> => {
    await time.until(START + outage.to);
    const waiting = landed() - delivered();
    const before = deliveredFromBefore;
    while (deliveredFromBefore - before < WORKED_OFF * waiting) await time.sleep(1000);
    return { backlogAtEnd: waiting, secondsToDrain: Math.round((sinceStart() - outage.to) / 1000) };
  };

  for (const mapping of mappings) mapping.start();
  void watchBacklog();
  let drained: Omit<Outage, 'seconds'> | undefined;
  if (run.outageSeconds > 0) void watchOutage().then((result) => (drained = result));
  const lastMoment = START + (run.minutes + MAX_DRAIN_MINUTES) * MINUTE;
  const isDone = () =>
    queues.every((queue) => queue.isDone) && (run.outageSeconds === 0 || drained !== undefined);
  await time.run(() => isDone() || time.now() > lastMoment);

  const { requests } = tally;
  requests.s3Uploads = files.count * eachStandsFor;
  requests.sqsSends += files.count * eachStandsFor;
  tally.throttled.s3Uploads = arrivals.throttledUploads;
  const usd = tally.usd(settings.memoryMb);
  return {
    files: files.count * eachStandsFor,
    delivered: delivered(),
    duplicated: services.duplicated,
    deadLetters: deadLetters() * eachStandsFor,
    latency: spreadOf(latencies.all),
    latencyBeforeOutage:
      run.outageSeconds > 0 && latencies.before.count > 0 ? spreadOf(latencies.before) : undefined,
    outage:
      run.outageSeconds > 0
        ? {
            seconds: run.outageSeconds,
            backlogAtEnd: drained?.backlogAtEnd,
            secondsToDrain: drained?.secondsToDrain,
          }
        : undefined,
    bundles: services.bundles,
    filesPerBundle: delivered() / services.bundles,
    maxConcurrency: lambda.maxRunning,
    requests,
    throttled: tally.throttled,
    invocationsEnded: tally.ended,
    usd,
    usdPerMillionFiles: (usd / (files.count * eachStandsFor)) * 1e6,
    backlog,
    simulatedSeconds: sinceStart() / 1000,
  };
}

/** In ms from the start: in the middle of the run, or never. */
function outageOf({ minutes, outageSeconds }: LoadRun): { from: number; to: number } {
  if (outageSeconds === 0) return { from: Infinity, to: Infinity };
  const from = (minutes * MINUTE - outageSeconds * 1000) / 2;
  return { from, to: from + outageSeconds * 1000 };
}

/** The speed measured at a moment or closest to it; the later one if two invocations ran at that moment. */
function nearestSpeed(speeds: readonly Speed[], at: number): Speed | undefined {
  let nearest: { speed: Speed; distance: number } | undefined;
  for (const speed of speeds) {
    const distance = Math.max(0, speed.from - at, at - speed.to);
    if (!nearest || distance <= nearest.distance) nearest = { speed, distance };
  }
  return nearest?.speed;
}

function spreadOf(latencies: Histogram): Spread {
  const at = (percent: number) => latencies.percentile(percent) ?? 0;
  return { p50: at(50), p95: at(95), p999: at(99.9), max: at(100) };
}

/** A number in [0, 1) that depends on a file alone. */
function shareOf(file: number, seed: number): number {
  let mixed = Math.imul(file ^ (seed * 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
