import type { Design } from '@data-aggregator/cost-model';
import { costOf, type Measured } from './cost.ts';

const design: Design = {
  batchSize: 2000,
  batchWindowSeconds: 20,
  memoryMb: 512,
  large: { memoryMb: 512, timeoutSeconds: 300 },
  queues: 2,
  readyQueue: true,
  writesPerFile: 1,
  writesPerBundle: 1,
  landingDays: 18,
  distributionDays: 30,
  archiveClass: 'GLACIER_IR',
  gzipManifests: true,
  deepArchiveAfterDays: Infinity,
  archiveDays: 187,
  accessLogDays: 14,
  landingAccessLogs: false,
  claimDays: 21,
  pointInTimeRecovery: false,
  logDays: 14,
  scheduled: [],
  alarmMetrics: 30,
  compositeAlarms: 1,
  dashboards: 1,
  tracing: false,
  endpointZones: 0,
};
const free = { seconds: 60, usdPerHour: 0.01, sentence: '' };
/** Half an hour of ten files a second, each of 5 KB, 100 in a bundle. */
const measured: Measured = {
  seconds: 1_800,
  files: 18_000,
  bundles: 180,
  bytesIn: 90_000_000,
  bytesOut: 22_500_000,
  retries: 18,
  invocations: 180,
  durationMs: 90_000,
};

const lineOf = (cost: ReturnType<typeof costOf>, area: string, what: string) =>
  cost.lines.find((line) => line.area === area && line.what === what);

it('prices a month at the measured rates', () => {
  const cost = costOf(measured, design, 'us-east-1', free);
  // 864,000 files a day are 26,280,000 a month, at 0.005 USD per 1,000 uploads; 100 in a bundle.
  expect(lineOf(cost, 'S3 landing', 'uploads')).toMatchObject({
    usdPerMonth: expect.closeTo(131.4, 6),
    isMeasured: true,
  });
  expect(lineOf(cost, 'S3 distribution', 'bundles stored')?.quantity).toBeCloseTo(262.8, 6);
  // 500 ms for a bundle of 100 files, at half a gigabyte.
  expect(lineOf(cost, 'Lambda', 'bundling')?.quantity).toBeCloseTo(262_800 * 0.5 * 0.5, 6);
  expect(lineOf(cost, 'Alarms', 'on metrics')).toMatchObject({ usdPerMonth: 3, isMeasured: false });
  expect(cost.usdPerMonth).toBeCloseTo(
    cost.lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0),
    6,
  );
  expect(cost.consoleUsdPerMonth).toBeCloseTo(7.3, 6);
  expect(cost.measured.map(({ value }) => value)).toEqual([10, 5_000, 100, 4, 180, 500, 18]);
});

it('says whose prices it uses, and that nothing was measured', () => {
  const nothing = {
    ...measured,
    files: 0,
    bundles: 0,
    bytesIn: 0,
    bytesOut: 0,
    invocations: 0,
    durationMs: 0,
    retries: 0,
  };
  const cost = costOf(nothing, design, 'eu-central-1', free);
  expect(cost.pricesOf).toBe('us-east-1');
  expect(cost.notes.join(' ')).toMatch(/no price table for eu-central-1.*idle pipeline/);
  expect(lineOf(cost, 'S3 landing', 'uploads')?.usdPerMonth).toBe(0);
  expect(cost.lines.every(({ usdPerMonth }) => Number.isFinite(usdPerMonth))).toBe(true);
});
