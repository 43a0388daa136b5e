import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { runCase, type CaseRun } from '../heal/run-case.ts';

/** A load that both clouds get. */
export interface AgreementLoad {
  filesPerSecond: number;
  minutes: number;
  /** Seconds in the middle in which the ledger does not answer; 0 for none. */
  outageSeconds: number;
}

/** What is compared. Latencies in seconds. */
export interface Figures {
  p50: number;
  p95: number;
  bundlesPerMinute: number;
  readsPerFile: number;
  ledgerWritesPerFile: number;
}

/** Figures of the embedded cloud, and the time of its functions, which is an input of the simulation. */
export interface Measured extends Figures {
  /** When each file landed, in ms from the first: later than asked for, if the machine is busy. */
  landings: number[];
  /** Functions' time for each file, in ms. */
  msPerFile: number;
  lost: number;
  duplicated: number;
}

/** Runs a load on the embedded cloud, with `dev`'s templates, in real time. */
export async function measure(load: AgreementLoad, run: Omit<CaseRun, 'random'>): Promise<Measured> {
  const { filesPerSecond, minutes, outageSeconds } = load;
  const seconds = minutes * 60;
  const counts: Counts = { reads: 0, ledgerWrites: 0, bundles: 0, functionMs: 0, landed: [] };
  const result = await runCase(
    {
      title: `${filesPerSecond} files a second for ${minutes} minutes on the embedded cloud`,
      filesPerSecond,
      seconds,
      disturb: async (cloud, _random, signal) => {
        count(cloud, counts);
        await sleep(((seconds - outageSeconds) / 2) * 1000, undefined, { signal });
        if (outageSeconds > 0) await outage(cloud, outageSeconds, counts, signal);
        return Date.now();
      },
    },
    { ...run, random: createRandom(1) },
  );
  const [first = 0] = counts.landed;
  const landings = counts.landed.map((moment) => moment - first);
  return {
    p50: result.p50,
    p95: result.p95,
    bundlesPerMinute: perMinute(counts.bundles, landings),
    readsPerFile: counts.reads / result.files,
    ledgerWritesPerFile: counts.ledgerWrites / result.files,
    landings,
    msPerFile: counts.functionMs / result.files,
    lost: result.lost,
    duplicated: result.duplicated,
  };
}

interface Counts {
  reads: number;
  ledgerWrites: number;
  bundles: number;
  functionMs: number;
  /** ms since the epoch. */
  landed: number[];
}

/** @param landings moments in ms from the first, in order */
export function perMinute(count: number, landings: readonly number[]): number {
  return count / ((landings.at(-1) ?? 0) / 60_000);
}

/** Counts the requests that reach S3 and the ledger, by hooks that let them pass. */
function count(cloud: Cloud, counts: Counts): void {
  cloud.faults.s3 = ({ operation, bucket, key = '' }) => {
    if (operation === 'PutObject' && bucket === cloud.buckets['landing']) counts.landed.push(Date.now());
    if (operation === 'GetObject' && bucket === cloud.buckets['landing']) counts.reads++;
    if (operation === 'PutObject' && bucket === cloud.buckets['distribution'] && key.startsWith('bundles/'))
      counts.bundles++;
    return undefined;
  };
  cloud.faults.dynamodb = ({ operation }) => {
    if (operation === 'PutItem') counts.ledgerWrites++;
    return undefined;
  };
  cloud.onLog(({ source, text, functionName }) => {
    const [, ms] = /^REPORT .* Duration: ([\d.]+) ms/.exec(text) ?? [];
    if (source === 'platform' && functionName.includes('aggregator')) counts.functionMs += Number(ms ?? 0);
  });
}

async function outage(cloud: Cloud, seconds: number, counts: Counts, signal: AbortSignal): Promise<void> {
  const working = cloud.faults.dynamodb;
  const functionMs = counts.functionMs;
  cloud.faults.dynamodb = () => ({ cutBeforeEffect: true });
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } finally {
    cloud.faults.dynamodb = working;
  }
  // Functions that wait for the ledger say nothing about their speed.
  counts.functionMs = functionMs;
}
