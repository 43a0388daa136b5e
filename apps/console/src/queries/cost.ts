import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Assumptions,
  assumptions,
  DESIGN_FILE,
  type Design,
  HOURS,
  linesOf,
  parseDesign,
  type Prices,
  pricesByRegion,
  totalUsd,
} from '@data-aggregator/cost-model';
import type { Cost, CostLine, Refresh } from '../api.ts';
import { ConsoleError } from '../server/console-error.ts';
import { DELIVERING, type Environment, physicalName } from './environment.ts';
import { filterLog } from './functions.ts';
import { flowQueries, paces } from './flow.ts';
import { lambdaMetric, ownMetric, queueMetric, readMetrics, sumOf } from './metrics.ts';
import { duration } from './words.ts';

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
/** Invocations whose log lines are read for sizes. */
const MAX_BATCHES = 2_000;
/** Months since the archive was created: what is stored grows until it expires. */
const MONTHS = 12;

/** Lines whose quantity follows from the templates alone. All others follow from the measured rates. */
const NOT_MEASURED = new Set([
  "S3 distribution/consumer's listings",
  'SQS/waiting for notifications',
  'SQS/waiting for bundles',
  'Lambda/scheduled functions',
  'Metrics/of our own',
  'Alarms/on metrics',
  'Alarms/composite',
  'Dashboards/',
  'Network/interface endpoints',
]);

/** What was measured in the last hour. */
export interface Measured {
  /** How long the measurement covers. */
  seconds: number;
  files: number;
  bundles: number;
  bytesIn: number;
  bytesOut: number;
  retries: number;
  invocations: number;
  /** Of all invocations. */
  durationMs: number;
}

/** Prices of a region, or of the region whose table is the nearest one known. */
export function pricesFor(region: string): { prices: Prices; pricesOf: string } {
  const known = Object.keys(pricesByRegion) as (keyof typeof pricesByRegion)[];
  const pricesOf = known.find((name) => name === region) ?? 'us-east-1';
  return { prices: pricesByRegion[pricesOf], pricesOf };
}

/**
 * The monthly bill at the rates of the last hour.
 *
 * @param assemblies folder with the templates of each environment
 * @throws ConsoleError if the environment was not synthesised here
 */
export async function readCost(
  environment: Environment,
  assemblies: string,
  refresh: Refresh,
): Promise<Cost> {
  const file = join(assemblies, environment.name, DESIGN_FILE);
  if (!existsSync(file)) {
    throw new ConsoleError(
      'not-found',
      `The cost depends on the templates. Run "npx nx run infra:synth --configuration=${environment.name}" first.`,
    );
  }
  const design = parseDesign(readFileSync(file, 'utf8'));
  return costOf(await measure(environment), design, environment.region, refresh);
}

/** The bill of a month like the measured time. */
export function costOf(measured: Measured, design: Design, region: string, refresh: Refresh): Cost {
  const { prices, pricesOf } = pricesFor(region);
  const { seconds, files, bundles, bytesIn, bytesOut, retries, invocations, durationMs } = measured;
  const perDay = seconds === 0 ? 0 : (files / seconds) * DAY_SECONDS;
  const figures: Assumptions = {
    ...assumptions,
    ...(bundles > 0 && {
      filesPerBundle: files / bundles,
      msPerInvocation: durationMs / bundles,
      msPerFile: 0,
    }),
    ...(files > 0 && { failuresPerMillion: (retries / files) * 1e6 }),
  };
  const workload = {
    filesPerDay: perDay,
    avgKb: files === 0 ? 0 : bytesIn / files / 1000,
    compressRatio: bytesOut === 0 ? 1 : bytesIn / bytesOut,
    months: MONTHS,
  };
  const lines: CostLine[] = linesOf({ workload, design, assumptions: figures, prices }).map(
    ({ area, what, quantity, unit, usd, read }) => ({
      area,
      what,
      quantity,
      unit,
      usdPerMonth: usd,
      isPriceChecked: read,
      isMeasured: !NOT_MEASURED.has(`${area}/${what}`),
    }),
  );
  const consoleUsdPerMonth = refresh.usdPerHour * HOURS;
  return {
    region,
    pricesOf,
    measured: [
      { label: 'Files', value: seconds === 0 ? 0 : files / seconds, unit: 'files/s' },
      { label: 'Average file', value: workload.avgKb * 1000, unit: 'bytes' },
      { label: 'Files in a bundle', value: bundles === 0 ? 0 : files / bundles, unit: 'files' },
      { label: 'Compression', value: workload.compressRatio, unit: ': 1' },
      { label: 'Invocations', value: invocations, unit: 'in the measured time' },
      {
        label: 'Duration of an invocation',
        value: invocations === 0 ? 0 : durationMs / invocations,
        unit: 'ms',
      },
      { label: 'Retries', value: retries, unit: 'in the measured time' },
    ],
    measuredSeconds: seconds,
    lines,
    usdPerMonth: totalUsd(lines.map(({ usdPerMonth }) => ({ usd: usdPerMonth }))),
    consoleUsdPerMonth,
    notes: [
      `A month of 730 hours at the rates of the last ${duration(seconds)}, without tax and free tiers.`,
      ...(pricesOf === region
        ? []
        : [`There is no price table for ${region}; these are the prices of ${pricesOf}.`]),
      `What is stored counts as after ${MONTHS} months at this rate; the first months cost less.`,
      'Quantities that are not measured follow from the templates.',
      ...(files === 0 ? ['No file was bundled in this time, so the bill is that of an idle pipeline.'] : []),
    ],
  };
}

async function measure(environment: Environment): Promise<Measured> {
  const { clock, cloudwatch, queues } = environment;
  const now = clock.now();
  const from = now - HOUR_MS;
  const aggregator = physicalName(environment, DELIVERING);
  const values = await readMetrics(
    [
      ownMetric('bundled', DELIVERING, 'Bundled', 'Sum'),
      lambdaMetric('invocations', aggregator, 'Invocations', 'Sum'),
      lambdaMetric('duration', aggregator, 'Duration', 'Sum'),
      queueMetric('visible', queues.main, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    ],
    { from, to: now, periodSeconds: 60 },
    cloudwatch,
  );
  // An embedded cloud is measured since its start.
  const first = Math.min(...[...values.values()].flatMap((of) => [...of.keys()]));
  const seconds = Number.isFinite(first) ? Math.min(3600, (now - Math.max(from, first)) / 1000) : 0;
  const { events } = await filterLog(
    DELIVERING,
    '{ $.message = "batch.done" }',
    { from, to: now },
    environment,
    MAX_BATCHES,
  );
  const batches = events.map(
    ({ fields }) => JSON.parse(fields === '' ? '{}' : fields) as Record<string, unknown>,
  );
  const total = (name: string) => batches.reduce((sum, batch) => sum + Number(batch[name] ?? 0), 0);
  const files = sumOf(values.get('bundled'));
  // If there are more invocations than lines were read, what was read stands for all.
  const logged = total('Bundled');
  const share = logged === 0 ? 0 : files / logged;
  return {
    seconds,
    files,
    bundles: total('Bundles') * share,
    bytesIn: total('BytesIn') * share,
    bytesOut: total('BytesOut') * share,
    retries: total('Retried') * share,
    invocations: sumOf(values.get('invocations')),
    durationMs: sumOf(values.get('duration')),
  };
}

/** How often live figures are read, and what an hour with an open page costs. */
export function refreshOf(environment: Environment): Refresh {
  const { refreshSeconds: seconds } = paces[environment.target];
  if (environment.target === 'local') {
    return {
      seconds,
      usdPerHour: 0,
      sentence: 'The embedded cloud is read every second; that costs nothing.',
    };
  }
  const { prices } = pricesFor(environment.region);
  const metrics = flowQueries(environment).length;
  const readings = 3600 / seconds;
  // Each reading lists distribution: a request for each thousand bundles that wait, and for each prefix at least one.
  const usdPerHour =
    readings * ((metrics / 1000) * prices.metricDataPer1000.usd + (2 / 1000) * prices.s3PutPer1000.usd);
  return {
    seconds,
    usdPerHour,
    sentence: `AWS charges about ${usdPerHour.toFixed(3)} USD for each hour with an open page: ${metrics} metrics a minute from CloudWatch, at 0.01 USD per 1,000, and the listings of distribution.`,
  };
}
