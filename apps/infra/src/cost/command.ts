import { assumptions, bill, type Bill, largeAssumptions, pricesByRegion } from '@data-aggregator/cost-model';
import { stdout } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadEnvironment } from '../environments/load.ts';
import { readAssembly } from './read-assembly.ts';
import { readDesign } from './read-design.ts';
import { compareRoutes, routesText } from './routes.ts';

interface Options {
  env: string;
  region: keyof typeof pricesByRegion;
  filesPerDay: number;
  avgKb: number;
  compressRatio: number;
  months: number;
  pollers: number;
  failuresPerMillion: number;
  msPerInvocation: number;
  msPerFile: number;
  largePerDay: number;
  largeGb: number;
  largeCompressRatio: number;
  streamMbPerSecond: number;
  copyMbPerSecond: number;
  routes?: boolean;
  json?: boolean;
}

/** The command `cost`: estimates the monthly bill of the synthesised templates and compares it with the predecessor's. */
export function costCommand(): Command {
  return new Command('cost')
    .description('estimate the monthly bill of the synthesised templates')
    .option('--env <environment>', 'name of a file in src/environments', 'dev')
    .addOption(
      new Option('--region <region>', 'region whose prices apply')
        .choices(Object.keys(pricesByRegion))
        .default('us-east-1'),
    )
    .option('--files-per-day <count>', 'files uploaded per day', positive, 864_000)
    .option('--avg-kb <kilobytes>', 'average file size in KB', positive, 5)
    .option('--compress-ratio <ratio>', 'bytes of files per byte of bundle', positive, 4)
    .option('--months <months>', 'months since the archive was created', positive, 12)
    .option('--pollers <count>', "number of Lambda's pollers on the queue", positive, assumptions.pollers)
    .option(
      '--failures-per-million <count>',
      'attempts that fail and are repeated, for a million files',
      positive,
      assumptions.failuresPerMillion,
    )
    .option(
      '--ms-per-invocation <ms>',
      'duration of an invocation without its files, in ms',
      positive,
      assumptions.msPerInvocation,
    )
    .option('--ms-per-file <ms>', 'duration that each file adds, in ms', positive, assumptions.msPerFile)
    .option('--large-per-day <count>', 'large objects uploaded per day; default: none', positive, 0)
    .option('--large-gb <gigabytes>', 'their average size in GB', positive, 1)
    .option('--large-compress-ratio <ratio>', 'bytes of a large object per byte of its bundle', positive, 1)
    .option(
      '--stream-mb-per-second <mb>',
      'how fast an invocation streams a large object',
      positive,
      largeAssumptions.streamMbPerSecond,
    )
    .option(
      '--copy-mb-per-second <mb>',
      'how fast S3 copies a large object',
      positive,
      largeAssumptions.copyMbPerSecond,
    )
    .option('--routes', 'instead of the bill: from what size copying is cheaper than streaming')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const environment = await loadEnvironment(options.env);
      const design = readDesign({ environment, resources: readAssembly(options.env) });
      const { largePerDay: perDay, largeGb: gb, largeCompressRatio: compressRatio } = options;
      const estimate = {
        workload: options,
        design,
        assumptions: { ...assumptions, ...options },
        prices: pricesByRegion[options.region],
        large: { ...options, perDay, gb, compressRatio },
      };
      const json = (document: object) => JSON.stringify({ design, ...document }, null, 2);
      if (options.routes === true) {
        const compared = compareRoutes(estimate, options);
        stdout.write(`${options.json === true ? json(compared) : routesText(compared, options)}\n`);
        return;
      }
      const made = bill(estimate);
      stdout.write(`${options.json === true ? json(made) : printed(made, options)}\n`);
    });
}

/** Parses a number greater than 0 on a command line. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number greater than 0.');
  return value;
}

function printed({ lines, usd, predecessorUsd }: Bill, { env, filesPerDay, avgKb, region }: Options): string {
  const table = new Table({
    head: ['', 'What', 'Quantity', 'Unit', 'USD', 'Predecessor'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: ['left', 'left', 'right', 'left', 'right', 'right'],
  });
  for (const line of lines) {
    table.push([
      line.area,
      line.what,
      line.quantity.toLocaleString('en', { maximumFractionDigits: 2 }),
      line.read ? line.unit : `${line.unit} *`,
      line.usd.toFixed(2),
      line.predecessorUsd.toFixed(2),
    ]);
  }
  table.push(['Total', '', '', '', usd.toFixed(2), predecessorUsd.toFixed(2)]);
  return [
    `A month of ${filesPerDay.toLocaleString('en')} files of ${avgKb} KB a day in ${env}, ${region}, without free tiers:`,
    table.toString(),
    '* This price was not read from a source and must be checked: libs/cost-model/src/prices-*.ts.',
  ].join('\n');
}
