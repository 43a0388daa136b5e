import { join } from 'node:path';
import {
  environmentSettings,
  type PublishedBundle,
  runLoad,
  type Times,
} from '@data-aggregator/simulator/load';
import { workspaceRoot } from '../workspace.ts';
import { distributionsOf } from './distributions.ts';
import { type AgreementLoad, type Measured, perMinute, type Result } from './measure.ts';

/**
 * The embedded cloud's times. What a file takes of the function is measured from the start of an invocation to the PUT of its bundle, so it
 * contains the cold start and every response of S3 and the ledger.
 */
const embeddedTimes: Times = {
  getMs: 0,
  putMs: 0,
  ledgerMs: 0,
  receiveMs: 2,
  deleteMs: 5,
  notificationMs: 5,
  latestNotificationMs: 0,
  msPerFile: NaN,
  msPerInvocation: 0,
  coldStartMs: 0,
};

/** How the embedded cloud runs the function. Another value makes a model that should not agree. */
export interface Model {
  /** Invocations at once: as many processes as cores. */
  processes: number;
  seed: number;
  /** Of the window of `dev`. */
  windowFactor?: number;
}

/**
 * Simulates the files that landed in the embedded cloud, at the same moments and on a machine as fast as it was at each of them, with the settings of `dev`: one collector that does not wait for
 * invocations, and no process that dies.
 */
export async function simulate(
  { filesPerSecond, minutes, outageSeconds }: AgreementLoad,
  { landings, speeds }: Pick<Measured, 'landings' | 'speeds'>,
  { processes, seed, windowFactor = 1 }: Model,
): Promise<Result> {
  if (speeds.length === 0) throw new Error('no invocation says how fast the machine was');
  const dev = await environmentSettings(join(workspaceRoot, 'apps/infra/src/environments/dev.ts'));
  const published: PublishedBundle[] = [];
  const { files, requests } = await runLoad({
    ...{ filesPerSecond, minutes, outageSeconds, landings, speeds, seed },
    settings: {
      ...dev,
      maxConcurrency: Math.min(dev.maxConcurrency, processes),
      batchWindowSeconds: dev.batchWindowSeconds * windowFactor,
    },
    times: embeddedTimes,
    burst: 1,
    avgKb: 5,
    compressRatio: 4,
    eachStandsFor: 1,
    pollers: 1,
    collectsAhead: true,
    deaths: 0,
    repeats: 0,
    onBundle: (bundle) => void published.push(bundle),
  });
  const distributions = distributionsOf(published);
  return {
    ...distributions.latency,
    bundlesPerMinute: perMinute(published.length, landings),
    readsPerFile: requests.s3Gets / files,
    ledgerWritesPerFile: requests.ledgerWrites / files,
    distributions,
  };
}
