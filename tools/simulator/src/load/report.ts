import type { LoadResult, Spread } from './run-load.ts';
import type { LoadSettings } from './settings.ts';

/** A run, and what it took to simulate it. */
export interface LoadReport extends LoadResult {
  load: { filesPerSecond: number; minutes: number; burst: number; avgKb: number };
  settings: LoadSettings;
  /** Real files for each simulated one. */
  eachStandsFor: number;
  seed: number;
  /** Real time, and processor time. */
  seconds: number;
  cpuSeconds: number;
  /** Used heap after a garbage collection, at every tenth minute of simulated time. */
  heap: { minute: number; mb: number }[];
  peakRssMb: number;
}

const BARS = 30;
const MOST_ROWS = 24;

/** The report of a run, for people. */
export function reportOf(report: LoadReport): string {
  const { load, settings, outage, throttled } = report;
  const rows: [string, string][] = [
    ['settings', settingsLine(settings)],
    [
      'files',
      `${count(report.files)} landed, ${count(report.delivered)} delivered, ${count(report.duplicated)} twice, ${count(report.deadLetters)} dead letters`,
    ],
    ['landing to distribution', spread(report.latency)],
    ...(report.latencyBeforeOutage
      ? [['  before the outage', spread(report.latencyBeforeOutage)] satisfies [string, string]]
      : []),
    ...(outage ? [['outage of the ledger', outageLine(outage)] satisfies [string, string]] : []),
    ['bundles', `${count(report.bundles)} of ${count(report.filesPerBundle)} files`],
    [
      'invocations at once',
      `${count(report.maxConcurrency)} at most; ${count(report.invocationsEnded.errors)} failed, ${count(report.invocationsEnded.killed)} died`,
    ],
    ['requests', counts(report.requests)],
    ['throttled', counts(throttled) || 'none'],
    [
      'US dollars',
      `${money(report.usd)}, ${money(report.usdPerMillionFiles)} per million files, uploads included`,
    ],
    ['simulated', simulated(report)],
    ...(report.heap.length > 0 ? [['heap', heapLine(report)] satisfies [string, string]] : []),
  ];
  const title = `${count(load.filesPerSecond)} files/s of ${load.avgKb} KB for ${load.minutes} minutes`;
  return [
    title,
    ...rows.map(([name, value]) => `  ${name.padEnd(24)} ${value}`),
    '',
    ...backlogPlot(report),
  ].join('\n');
}

function settingsLine(settings: LoadSettings): string {
  const { batchSize, batchWindowSeconds, maxConcurrency, queues, landingPrefixes, warmWrites } = settings;
  return [
    `batches of ${count(batchSize)} or ${batchWindowSeconds} s`,
    `maxConcurrency ${maxConcurrency}`,
    `queues ${queues}`,
    `prefixes ${landingPrefixes}`,
    `warm writes ${count(warmWrites)}/s`,
  ].join(', ');
}

function spread({ p50, p95, p999, max }: Spread): string {
  return `p50 ${seconds(p50)}, p95 ${seconds(p95)}, p99.9 ${seconds(p999)}, max ${seconds(max)}`;
}

function outageLine({
  seconds: length,
  backlogAtEnd,
  secondsToDrain,
}: NonNullable<LoadResult['outage']>): string {
  const drained =
    secondsToDrain === undefined ? 'never worked off' : `worked off in ${seconds(secondsToDrain)}`;
  return `${seconds(length)}; ${backlogAtEnd === undefined ? 'an unknown number of' : count(backlogAtEnd)} files waiting at its end, ${drained}`;
}

function simulated({
  seconds: real,
  cpuSeconds,
  simulatedSeconds,
  peakRssMb,
  eachStandsFor,
  seed,
}: LoadReport): string {
  const each = eachStandsFor === 1 ? 'each file by itself' : `each file stands for ${eachStandsFor}`;
  return `${seconds(simulatedSeconds)} in ${seconds(real)} (${seconds(cpuSeconds)} of CPU), ${peakRssMb} MB, ${each}, seed ${seed}`;
}

function heapLine({ heap }: LoadReport): string {
  return `${heap.map(({ mb }) => mb).join(', ')} MB after minutes ${heap.map(({ minute }) => minute).join(', ')}`;
}

/** What waits at the end of some of the minutes. */
function backlogPlot({ backlog }: LoadResult): string[] {
  const step = Math.ceil(backlog.length / MOST_ROWS);
  const most = Math.max(1, ...backlog.map(({ files }) => files));
  return [
    'Files in no bundle, at the end of minute',
    ...backlog
      .filter(({ minute }) => minute % step === 0)
      .map(({ minute, files }) => {
        const bar = '█'.repeat(Math.round((files / most) * BARS));
        return `${String(minute).padStart(5)} ${bar.padEnd(BARS)} ${count(files)}`;
      }),
  ];
}

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

function money(value: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function seconds(value: number): string {
  return value < 120 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(1)} min`;
}
