import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import type { PublishedBundle, Speed } from '@data-aggregator/simulator/load';
import { bundleTime } from '@data-aggregator/shared-processing/bundle-key';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { runCase, type CaseRun } from '../heal/run-case.ts';
import { type Distributions, distributionsOf } from './distributions.ts';

/** A load that both clouds get. */
export interface AgreementLoad {
  filesPerSecond: number;
  minutes: number;
  /** Seconds in the middle in which the ledger does not answer; 0 for none. */
  outageSeconds: number;
}

/** What is compared. Latencies in seconds, from the PUT of a file to the PUT of its bundle. */
export interface Figures {
  p50: number;
  p95: number;
  p999: number;
  bundlesPerMinute: number;
  readsPerFile: number;
  ledgerWritesPerFile: number;
}

/** The figures of a run, and the distributions that explain them. */
export interface Result extends Figures {
  distributions: Distributions;
}

/** A run of the embedded cloud, with what the simulation takes from it: when files landed, and how fast the machine was. */
export interface Measured extends Result {
  /** When each file landed, in ms from the first: later than asked for, if the machine is busy. */
  landings: number[];
  /** The function's time for a file in each invocation, except those that an outage delayed. */
  speeds: Speed[];
  /** How much of the time in which the cloud's process had work, other programs left it a processor: about 1 on a quiet machine. */
  processorShare: number;
  /** Invocations that ended without a response although no ledger was missing, such as by a timeout. None of them is simulated. */
  failedInvocations: number;
  lost: number;
  duplicated: number;
}

/** Runs a load on the embedded cloud, with `dev`'s templates, in real time. */
export async function measure(load: AgreementLoad, run: Omit<CaseRun, 'random'>): Promise<Measured> {
  const { filesPerSecond, minutes, outageSeconds } = load;
  const seconds = minutes * 60;
  const seen: Observations = {
    ...{ reads: 0, ledgerWrites: 0, landedAt: new Map(), publishedAt: new Map() },
    ...{ startedAt: new Map(), invocationOf: new Map(), failedAt: [], outage: undefined },
  };
  const processorShare = watchProcessor();
  const { result, files } = await runCase(
    {
      title: `${filesPerSecond} files a second for ${minutes} minutes on the embedded cloud`,
      filesPerSecond,
      seconds,
      disturb: async (cloud, _random, signal) => {
        observe(cloud, seen);
        await sleep(((seconds - outageSeconds) / 2) * 1000, undefined, { signal });
        if (outageSeconds > 0) await outage(cloud, outageSeconds, seen, signal);
        return Date.now();
      },
    },
    { ...run, random: createRandom(1) },
  );
  const bundles = bundlesOf(files, seen);
  const { latency, ...others } = distributionsOf(bundles);
  const landed = [...seen.landedAt.values()].sort((a, b) => a - b);
  const [first = 0] = landed;
  const landings = landed.map((moment) => moment - first);
  return {
    ...latency,
    bundlesPerMinute: perMinute(seen.publishedAt.size, landings),
    readsPerFile: seen.reads / files.length,
    ledgerWritesPerFile: seen.ledgerWrites / files.length,
    distributions: { latency, ...others },
    landings,
    speeds: speedsOf(bundles, first, seen.outage),
    processorShare: processorShare(),
    failedInvocations: failuresApart(seen),
    lost: result.lost,
    duplicated: result.duplicated,
  };
}

/** An invocation that started in an outage has ended this long after it: the function's timeout. */
const AFFECTED_MS = 60_000;

/** What happened, by the clock of the embedded cloud: ms since the epoch. */
interface Observations {
  reads: number;
  ledgerWrites: number;
  /** PUTs of files, by key. */
  landedAt: Map<string, number>;
  /** PUTs of bundles, by key. */
  publishedAt: Map<string, number>;
  /** Starts of invocations, by request id, and the invocation that published each bundle. */
  startedAt: Map<string, number>;
  invocationOf: Map<string, string>;
  /** Ends of invocations without a response. */
  failedAt: number[];
  outage: { from: number; to: number } | undefined;
}

/** @param landings moments in ms from the first, in order */
export function perMinute(count: number, landings: readonly number[]): number {
  return count / ((landings.at(-1) ?? 0) / 60_000);
}

/** @returns the share of this process's work since the call during which a processor ran it. Other threads' time counts too, so it is a little too high */
function watchProcessor(): () => number {
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  return () => {
    const { active } = performance.eventLoopUtilization(loop);
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(1, (user + system) / 1000 / active);
  };
}

/** Notes requests that reach S3 and the ledger, by hooks that let them pass, and the function's log lines. */
function observe(cloud: Cloud, seen: Observations): void {
  cloud.faults.s3 = ({ operation, bucket, key = '' }) => {
    const isPut = operation === 'PutObject';
    if (isPut && bucket === cloud.buckets['landing']) seen.landedAt.set(key, Date.now());
    if (operation === 'GetObject' && bucket === cloud.buckets['landing']) seen.reads++;
    if (isPut && bucket === cloud.buckets['distribution'] && key.startsWith('bundles/'))
      seen.publishedAt.set(key, Date.now());
    return undefined;
  };
  cloud.faults.dynamodb = ({ operation }) => {
    if (operation === 'PutItem') seen.ledgerWrites++;
    return undefined;
  };
  cloud.onLog(({ source, text, requestId = '', functionName, time }) => {
    if (!functionName.includes('aggregator')) return;
    if (source === 'platform' && text.startsWith('START ')) seen.startedAt.set(requestId, time);
    if (source === 'platform' && text.startsWith('Invoke Error ')) seen.failedAt.push(time);
    const [, bundle] = /"message":"bundle\.published".*"bundle":"([^"]+)"/.exec(text) ?? [];
    if (source === 'function' && bundle !== undefined) seen.invocationOf.set(bundle, requestId);
  });
}

async function outage(cloud: Cloud, seconds: number, seen: Observations, signal: AbortSignal): Promise<void> {
  const working = cloud.faults.dynamodb;
  const from = Date.now();
  cloud.faults.dynamodb = () => ({ cutBeforeEffect: true });
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } finally {
    cloud.faults.dynamodb = working;
    seen.outage = { from, to: Date.now() };
  }
}

/** Invocations that failed, except those that an outage may have made fail. */
function failuresApart({ failedAt, outage }: Observations): number {
  return failedAt.filter((at) => !outage || at < outage.from || at > outage.to + AFFECTED_MS).length;
}

/** @throws if a file or its bundle appeared without a PUT */
function bundlesOf(
  files: readonly { key: string; bundle?: string | undefined }[],
  { landedAt, publishedAt, startedAt, invocationOf }: Observations,
): PublishedBundle[] {
  return [...Map.groupBy(files, ({ bundle }) => bundle)].flatMap(([key, members]) => {
    if (key === undefined) return []; // Counted as lost.
    const moments = {
      // Unless the invocation was killed before it logged its bundle: then its key tells, to the second.
      startedAt: startedAt.get(invocationOf.get(key) ?? '') ?? bundleTime(key) ?? NaN,
      publishedAt: momentIn(publishedAt, key),
      landings: members.map((member) => momentIn(landedAt, member.key)),
    };
    return [moments];
  });
}

function momentIn(moments: ReadonlyMap<string, number>, key: string): number {
  const moment = moments.get(key);
  if (moment === undefined) throw new Error(`nothing was seen of ${key}`);
  return moment;
}

/** The time of a file in each invocation. Functions that wait for the ledger say nothing about their speed. @param start ms since the epoch */
function speedsOf(
  bundles: readonly PublishedBundle[],
  start: number,
  outage: Observations['outage'],
): Speed[] {
  return bundles
    .filter(({ startedAt, publishedAt }) => !outage || publishedAt < outage.from || startedAt > outage.to)
    .map(({ startedAt, publishedAt, landings }) => ({
      from: startedAt - start,
      to: publishedAt - start,
      msPerFile: (publishedAt - startedAt) / landings.length,
    }))
    .sort((a, b) => a.from - b.from);
}
