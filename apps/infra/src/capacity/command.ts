import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assumptions as costAssumptions, bill, pricesByRegion } from '@data-aggregator/cost-model';
import {
  type CapacityDesign,
  type CapacitySettings,
  carefulTimes,
  designWith,
  firstToBreak,
  flowAt,
  type FlowAssumptions,
  type Load,
  settingsFor,
  type Usage,
  usages,
} from '@data-aggregator/cost-model/capacity';
import { stdout } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { Command } from 'commander';
import { positive } from '../cost/command.ts';
import { readAssembly } from '../cost/read-assembly.ts';
import { readDesign } from '../cost/read-design.ts';
import { loadEnvironment } from '../environments/load.ts';
import type { Templates } from '../templates/resources.ts';
import { UserError } from '../user-error.ts';
import { readCapacityDesign } from './design.ts';
import { environmentFile } from './environment-file.ts';
import { SCALE_HEAD, scalePlot, scaleRow } from './scale-report.ts';

interface Options extends Load, FlowAssumptions {
  env: string;
  landingPrefixes: number;
  scale?: boolean;
  apply?: string;
  json?: boolean;
}

const RATES = [10, 100, 1_000, 10_000, 100_000];

/** The command `capacity`: compares a load with every limit of AWS, and chooses the settings for it. */
export function capacityCommand(): Command {
  return new Command('capacity')
    .description('compare a load with the limits of AWS, and choose settings for it')
    .option('--env <environment>', 'name of a file in src/environments', 'dev')
    .option('--files-per-second <rate>', 'average rate of files', positive, 10)
    .option('--burst <factor>', 'highest rate of some minutes, as a multiple of the average', positive, 10)
    .option('--avg-kb <kilobytes>', 'average file size in KB', positive, 5)
    .option('--compress-ratio <ratio>', 'bytes of files per byte of bundle', positive, 4)
    .option('--landing-prefixes <count>', 'key prefixes among which files are divided evenly', positive, 1)
    .option('--pollers <count>', "Lambda's initial pollers of a queue", positive, costAssumptions.pollers)
    .option(
      '--ms-per-invocation <ms>',
      'duration of an invocation without its files',
      positive,
      carefulTimes.msPerInvocation,
    )
    .option('--ms-per-file <ms>', 'duration that each file adds', positive, carefulTimes.msPerFile)
    .option('--scale', 'print a table for 10 to 100,000 files per second, in Markdown')
    .option('--apply <name>', 'write src/environments/<name>.ts with the settings for this load')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const environment = await loadEnvironment(options.env);
      const templates = { environment, resources: readAssembly(options.env) };
      const design = readCapacityDesign(templates, options.landingPrefixes);
      if (options.scale === true) return void stdout.write(`${scaleReport(templates, design, options)}\n`);
      const plan = planFor(templates, design, options);
      stdout.write(`${options.json === true ? JSON.stringify(plan, finite, 2) : printed(plan, options)}\n`);
      if (options.apply !== undefined) stdout.write(`${apply(options.apply, options, plan.settings)}\n`);
    });
}

/** JSON has no infinity. */
function finite(_key: string, value: unknown): unknown {
  return value === Infinity ? null : value;
}

/** The answer for one load. */
interface Plan {
  load: Load;
  design: CapacityDesign;
  limits: Usage[];
  firstToBreak: { name: string; filesPerSecond: number };
  settings: CapacitySettings;
  /** The same limits with those settings. */
  limitsWithSettings: Usage[];
  usdPerMonth: number;
  usdPerMillionFiles: number;
}

function planFor(templates: Templates, design: CapacityDesign, options: Options): Plan {
  const { filesPerSecond, burst, avgKb, compressRatio } = options;
  const load = { filesPerSecond, burst, avgKb, compressRatio };
  const limits = usages(load, design, options);
  const settings = settingsFor(load, design, options);
  const planned = designWith(design, settings);
  const first = firstToBreak(limits);
  const usdPerMonth = monthlyUsd(templates, load, planned, options);
  return {
    load,
    design,
    limits,
    firstToBreak: { name: first.name, filesPerSecond: first.breaksAt },
    settings,
    limitsWithSettings: usages(load, planned, options),
    usdPerMonth,
    usdPerMillionFiles: usdPerMonth / ((filesPerSecond * 730 * 3600) / 1e6),
  };
}

/** The bill with the batches that these settings make. The one-time charge for warm throughput is not in it. */
function monthlyUsd(
  templates: Templates,
  { filesPerSecond, avgKb, compressRatio }: Load,
  planned: CapacityDesign,
  options: FlowAssumptions,
): number {
  const { pollers } = flowAt(filesPerSecond, planned, options);
  return bill({
    workload: { filesPerDay: filesPerSecond * 86_400, avgKb, compressRatio, months: 12 },
    design: { ...readDesign(templates), batchSize: planned.batchSize },
    assumptions: { ...costAssumptions, ...options, pollers },
    prices: pricesByRegion['us-east-1'],
  }).usd;
}

function printed({ load, limits, settings, usdPerMonth }: Plan, { env }: Options): string {
  const first = firstToBreak(limits);
  const over = limits.filter(({ share }) => share > 1);
  const verdict =
    over.length === 0
      ? `Every limit holds. The first to break is "${first.name}", at ${rate(first.breaksAt)} files/s: ${first.effect}.`
      : `${over.length === 1 ? 'One limit does' : `${over.length} limits do`} not hold in a burst. ` +
        `"${first.name}" breaks first, at ${rate(first.breaksAt)} files/s: ${first.effect}.`;
  return [
    `${rate(load.filesPerSecond)} files/s of ${load.avgKb} KB, ${rate(load.filesPerSecond * load.burst)} in a burst, with the settings of ${env}:`,
    limitTable(limits),
    verdict,
    '',
    'Settings for this load:',
    ...settingLines(settings).map((line) => `  ${line}`),
    '',
    `With them: ${usdPerMonth.toLocaleString('en', { maximumFractionDigits: 0 })} dollars a month.`,
  ].join('\n');
}

function limitTable(limits: readonly Usage[]): string {
  const table = new Table({
    head: ['Limit', 'Burst uses', 'of', 'Share', 'Breaks at', 'What raises it'],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    chars: NO_BORDERS,
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    colWidths: [21, 11, 11, 6, 10, 22],
    wordWrap: true,
  });
  for (const { name, peak, limit, share, breaksAt, raise } of limits) {
    table.push([name, amount(peak), amount(limit.value), percent(share), rate(breaksAt), raise]);
  }
  return table.toString();
}

/** A table without lines, so that it fits into 80 columns and into a document. */
const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** The settings as sentences, those of the environment first. */
function settingLines(settings: CapacitySettings): string[] {
  const { maxConcurrency, warmWritesPerSecond, accountConcurrency, tableWriteQuota } = settings;
  const lines = [
    `batchSize ${rate(settings.batchSize)}`,
    `maxConcurrency ${rate(maxConcurrency)}`,
    warmWritesPerSecond && `ledger.warmWritesPerSecond ${rate(warmWritesPerSecond)}`,
    settings.queues > 1
      ? `${settings.queues} copies of the aggregator, each for its own key prefix (trigger.prefix)`
      : undefined,
    settings.landingPrefixes > 1
      ? `${rate(settings.landingPrefixes)} key prefixes that the uploader uses evenly`
      : undefined,
    accountConcurrency && `quota: ${rate(accountConcurrency)} concurrent invocations in the account`,
    tableWriteQuota && `quota: ${rate(tableWriteQuota)} writes per second for the ledger table`,
  ];
  return lines.filter((line) => line !== undefined && line !== 0).map(String);
}

/** Writes the environment file. @throws UserError if it exists, or the name is none */
function apply(name: string, { env }: Options, settings: CapacitySettings): string {
  if (!/^[a-z][a-z0-9]{0,7}$/.test(name)) {
    throw new UserError(
      `"${name}" is not a name for an environment: use at most 8 lower-case letters and digits.`,
    );
  }
  const file = join(import.meta.dirname, '../environments', `${name}.ts`);
  if (existsSync(file))
    throw new UserError(`${name} exists already: ${file}. Delete it, or choose another name.`);
  writeFileSync(file, environmentFile(name, env, settings));
  return `Wrote ${file}. Add a configuration "${name}" to the targets in apps/infra/project.json to use it.`;
}

function scaleReport(templates: Templates, design: CapacityDesign, options: Options): string {
  const plans = RATES.map((filesPerSecond) => planFor(templates, design, { ...options, filesPerSecond }));
  if (options.json === true) return JSON.stringify(plans, finite, 2);
  const rows = plans.map((plan) => scaleRow(plan, options));
  const [first] = plans;
  return [
    `| ${SCALE_HEAD.join(' | ')} |`,
    `| ${SCALE_HEAD.map(() => '---:').join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    `The rate at which each limit breaks with the settings of ${options.env}:`,
    '',
    first === undefined ? '' : scalePlot(first.limits),
  ].join('\n');
}

function rate(value: number): string {
  return value === Infinity ? 'never' : value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function amount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toLocaleString('en', { maximumSignificantDigits: 3 })} M`;
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en', { maximumFractionDigits: 0, useGrouping: false })}%`;
}
