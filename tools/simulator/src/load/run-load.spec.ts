import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@data-aggregator/cost-model/capacity';
import { reportOf } from './report.ts';
import { type LoadRun, runLoad } from './run-load.ts';
import { awsTimes, deployedSettings, environmentSettings, fittingSettings } from './settings.ts';

/** A minute of 20 files a second, with a short window. `simulator:load` runs hours of thousands. */
const small: LoadRun = {
  filesPerSecond: 20,
  minutes: 1,
  burst: 1,
  avgKb: 5,
  compressRatio: 4,
  outageSeconds: 0,
  settings: { ...deployedSettings(), batchSize: 100, batchWindowSeconds: 5, visibilitySeconds: 125 },
  times: awsTimes,
  pollers: 2,
  collectsAhead: false,
  eachStandsFor: 1,
  deaths: 0,
  repeats: 0,
  seed: 1,
};

it('delivers every file once, within window and work', async () => {
  const result = await runLoad(small);
  expect(result).toMatchObject({
    files: 1200,
    delivered: 1200,
    duplicated: 0,
    deadLetters: 0,
    outage: undefined,
  });
  expect(result.latency.p95).toBeLessThan(7.5);
  expect(result.requests).toMatchObject({
    s3Uploads: 1200,
    s3Gets: 1200,
    ledgerWrites: 1200 + result.bundles,
  });
  expect(result.usdPerMillionFiles).toBeGreaterThan(6);
  expect(result.usdPerMillionFiles).toBeLessThan(9);
});

it('gives the same result for the same seed', async () => {
  const run = { ...small, deaths: 0.05, repeats: 0.01, minutes: 0.5 };
  const [one, same, other] = [await runLoad(run), await runLoad(run), await runLoad({ ...run, seed: 2 })];
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

it('delivers every file once although functions die and messages are repeated', async () => {
  const result = await runLoad({ ...small, deaths: 0.3, repeats: 0.05 });
  expect(result).toMatchObject({ delivered: 1200, duplicated: 0, deadLetters: 0 });
  expect(result.invocationsEnded.killed).toBeGreaterThan(0);
  // Whoever finds a claim asks about its bundle.
  expect(result.requests.ledgerReads).toBeGreaterThan(0);
});

it('works off what piled up in an outage', async () => {
  const { outage, latency, delivered, invocationsEnded, backlog } = await runLoad({
    ...small,
    outageSeconds: 30,
  });
  expect(delivered).toBe(1200);
  expect(outage?.backlogAtEnd).toBeGreaterThan(600);
  expect(outage?.secondsToDrain).toBeLessThan(60);
  expect(latency.max).toBeGreaterThan(20);
  expect(invocationsEnded.errors).toBeGreaterThan(0);
  expect(backlog[0]?.files).toBeGreaterThan(0);
});

it('makes files wait, and loses none, when a limit is too low for the load', async () => {
  const tight = {
    ...small,
    filesPerSecond: 400,
    minutes: 0.25,
    settings: { ...small.settings, warmWrites: 100 },
  };
  const result = await runLoad({ ...tight, settings: { ...tight.settings, tableWrites: 150 } });
  expect(result).toMatchObject({ delivered: 6000, duplicated: 0, deadLetters: 0 });
  expect(result.throttled.ledger).toBeGreaterThan(0);
  expect(result.latency.p50).toBeGreaterThan(10);
});

it('gives about the same result if each simulated file stands for five', async () => {
  const run = { ...small, filesPerSecond: 100, minutes: 0.5 };
  const one = await runLoad(run);
  const five = await runLoad({ ...run, eachStandsFor: 5 });
  expect(five.delivered).toBe(one.delivered);
  const close = (a: number, b: number, tolerance: number) =>
    expect(Math.abs(a / b - 1)).toBeLessThan(tolerance);
  // A poller that gets five messages at once has its batch a little later than one that shares them with another.
  close(five.latency.p50, one.latency.p50, 0.3);
  close(five.latency.p95, one.latency.p95, 0.3);
  close(five.bundles, one.bundles, 0.1);
  close(five.requests.s3Gets, one.requests.s3Gets, 0.01);
});

describe('settings', () => {
  it('are those of function.json, or those that infra:capacity chooses', () => {
    const { trigger } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../../apps/aggregator/function.json'), 'utf8'),
    ) as { trigger: { batchSize: number } };
    expect(deployedSettings()).toMatchObject({
      batchSize: trigger.batchSize,
      queues: 1,
      warmWrites: limits.ledgerWarmWrites.value,
    });
    const chosen = fittingSettings({ filesPerSecond: 10_000, burst: 10, avgKb: 5, compressRatio: 4 });
    expect(chosen.queues).toBeGreaterThan(1);
    expect(chosen.warmWrites).toBeGreaterThan(100_000);
  });

  it('are read from the file that infra:capacity writes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'load-'));
    try {
      const file = join(folder, 'big.ts');
      writeFileSync(
        file,
        `export const alsoNeeded = { queues: 6, landingPrefixes: 41, accountConcurrency: 2000 };
         export const environment = {
           everyFunction: { timeoutSeconds: 30 },
           ledger: { warmWritesPerSecond: 126000 },
           functions: { aggregator: { batchSize: 500, maxConcurrency: 205 } },
         };`,
      );
      expect(await environmentSettings(file)).toMatchObject({
        ...{ queues: 6, landingPrefixes: 41, accountConcurrency: 2000, warmWrites: 126_000 },
        ...{
          batchSize: 500,
          maxConcurrency: 205,
          batchWindowSeconds: 60,
          timeoutSeconds: 30,
          visibilitySeconds: 150,
        },
      });
      await expect(environmentSettings(join(folder, 'none.ts'))).rejects.toThrow('cannot be read');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('reports what people want to know', async () => {
  const result = await runLoad({ ...small, minutes: 0.5, outageSeconds: 10 });
  const { filesPerSecond, minutes, burst, avgKb, settings } = small;
  const load = { filesPerSecond, minutes, burst, avgKb };
  const text = reportOf({
    ...result,
    load,
    settings,
    eachStandsFor: 1,
    seed: 1,
    seconds: 1.5,
    cpuSeconds: 1.2,
    heap: [
      { minute: 10, mb: 40 },
      { minute: 20, mb: 41 },
    ],
    peakRssMb: 100,
  });
  expect(text).toContain('20 files/s of 5 KB for 1 minutes');
  expect(text).toMatch(/landing to distribution +p50 \d+\.\d s, p95 \d+\.\d s, p99\.9 \d+\.\d s/);
  expect(text).toMatch(
    /outage of the ledger +10\.0 s; \d+ files waiting at its end, worked off in \d+\.\d s/,
  );
  expect(text).toMatch(
    /simulated +\d+\.\d s in 1\.5 s \(1\.2 s of CPU\), 100 MB, each file by itself, seed 1/,
  );
  expect(text).toMatch(/heap +40, 41 MB after minutes 10, 20/);
});

it('is as fast as the function was measured at each moment', async () => {
  const bundles: { at: number; msPerFile: number }[] = [];
  const speeds = [
    { from: 0, to: 20_000, msPerFile: 20 },
    { from: 40_000, to: 60_000, msPerFile: 2 },
  ];
  const start = Date.UTC(2026, 0, 1);
  await runLoad({
    ...small,
    speeds,
    onBundle: ({ startedAt, publishedAt, landings: { length } }) =>
      void bundles.push({ at: startedAt - start, msPerFile: (publishedAt - startedAt) / length }),
  });
  // At 30 s, either is as close as the other one.
  const slow = bundles.filter(({ at }) => at < 25_000).map(({ msPerFile }) => msPerFile);
  const fast = bundles.filter(({ at }) => at > 31_000).map(({ msPerFile }) => msPerFile);
  expect(slow.length).toBeGreaterThan(3);
  expect(fast.length).toBeGreaterThan(3);
  expect(Math.min(...slow)).toBeGreaterThan(20);
  expect(Math.min(...fast)).toBeLessThan(10);
  expect(Math.max(...fast)).toBeLessThan(20);
});
