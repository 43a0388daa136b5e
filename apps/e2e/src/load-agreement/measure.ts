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
  /** Files that landed in a second: fewer than asked for, if the machine is busy. */
  filesPerSecond: number;
  /** Functions' time for each file, in ms. */
  msPerFile: number;
  lost: number;
  duplicated: number;
}

/** Runs a load on the embedded cloud, with `dev`'s templates, in real time. */
export async function measure(load: AgreementLoad, run: Omit<CaseRun, 'random'>): Promise<Measured> {
  const { filesPerSecond, minutes, outageSeconds } = load;
  const seconds = minutes * 60;
  const counts = {
    reads: 0,
    ledgerWrites: 0,
    bundles: 0,
    functionMs: 0,
    firstUpload: Infinity,
    lastUpload: 0,
  };
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
  const uploadSeconds = (counts.lastUpload - counts.firstUpload) / 1000;
  return {
    p50: result.p50,
    p95: result.p95,
    bundlesPerMinute: counts.bundles / (uploadSeconds / 60),
    readsPerFile: counts.reads / result.files,
    ledgerWritesPerFile: counts.ledgerWrites / result.files,
    filesPerSecond: result.files / uploadSeconds,
    msPerFile: counts.functionMs / result.files,
    lost: result.lost,
    duplicated: result.duplicated,
  };
}

type Counts = Record<
  'reads' | 'ledgerWrites' | 'bundles' | 'functionMs' | 'firstUpload' | 'lastUpload',
  number
>;

/** Counts the requests that reach S3 and the ledger, by hooks that let them pass. */
function count(cloud: Cloud, counts: Counts): void {
  cloud.faults.s3 = ({ operation, bucket, key = '' }) => {
    if (operation === 'PutObject' && bucket === cloud.buckets['landing']) {
      counts.lastUpload = Date.now();
      counts.firstUpload = Math.min(counts.firstUpload, counts.lastUpload);
    }
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
