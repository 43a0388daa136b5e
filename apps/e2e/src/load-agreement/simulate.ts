import { join } from 'node:path';
import { environmentSettings, runLoad, type Times } from '@data-aggregator/simulator/load';
import { workspaceRoot } from '../workspace.ts';
import { type AgreementLoad, type Figures, type Measured, perMinute } from './measure.ts';

/** The embedded cloud's times. It answers within a few milliseconds, and what a file takes of the function is measured. */
const embeddedTimes: Omit<Times, 'msPerFile'> = {
  getMs: 2,
  putMs: 5,
  ledgerMs: 2,
  receiveMs: 2,
  deleteMs: 5,
  notificationMs: 5,
  latestNotificationMs: 0,
  msPerInvocation: 10,
  coldStartMs: 300,
};

/**
 * Simulates the files that landed in the embedded cloud, at the same moments, with the settings of `dev`, as the embedded cloud runs it: one collector that does not wait for invocations, as many processes as
 * cores, and no process that dies.
 */
export async function simulate(
  { filesPerSecond, minutes, outageSeconds }: AgreementLoad,
  { landings, msPerFile }: Pick<Measured, 'landings' | 'msPerFile'>,
  { processes, seed }: { processes: number; seed: number },
): Promise<Figures> {
  const dev = await environmentSettings(join(workspaceRoot, 'apps/infra/src/environments/dev.ts'));
  const { latency, bundles, files, requests } = await runLoad({
    ...{ filesPerSecond, minutes, outageSeconds, landings, seed },
    settings: { ...dev, maxConcurrency: Math.min(dev.maxConcurrency, processes) },
    times: { ...embeddedTimes, msPerFile },
    burst: 1,
    avgKb: 5,
    compressRatio: 4,
    eachStandsFor: 1,
    pollers: 1,
    collectsAhead: true,
    deaths: 0,
    repeats: 0,
  });
  return {
    p50: latency.p50,
    p95: latency.p95,
    bundlesPerMinute: perMinute(bundles, landings),
    readsPerFile: requests.s3Gets / files,
    ledgerWritesPerFile: requests.ledgerWrites / files,
  };
}
