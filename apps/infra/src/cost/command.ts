import { stdout } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadEnvironment } from '../environments/load.ts';
import { readAssembly } from './read-assembly.ts';
import { bill, type Bill } from './bill.ts';
import { euWest2 } from './prices-eu-west-2.ts';
import { usEast1 } from './prices-us-east-1.ts';
import { readDesign } from './read-design.ts';
import { assumptions } from './workload.ts';

const regions = { 'us-east-1': usEast1, 'eu-west-2': euWest2 };

interface Options {
  env: string;
  region: keyof typeof regions;
  filesPerDay: number;
  avgKb: number;
  compressRatio: number;
  months: number;
  pollers: number;
  msPerInvocation: number;
  msPerFile: number;
  json?: boolean;
}

/** `cost`: the monthly bill of the synthesised templates, beside the predecessor's. */
export function costCommand(): Command {
  return new Command('cost')
    .description('estimate the monthly bill of the synthesised templates')
    .option('--env <environment>', 'a file of src/environments', 'dev')
    .addOption(
      new Option('--region <region>', 'whose prices').choices(Object.keys(regions)).default('us-east-1'),
    )
    .option('--files-per-day <count>', 'files that land', positive, 864_000)
    .option('--avg-kb <kilobytes>', 'size of a file', positive, 5)
    .option('--compress-ratio <ratio>', 'bytes of files for a byte of bundle', positive, 4)
    .option('--months <months>', 'how long the archive has been filling', positive, 12)
    .option('--pollers <count>', "Lambda's connections to a quiet queue", positive, assumptions.pollers)
    .option(
      '--ms-per-invocation <ms>',
      'time of an invocation without files',
      positive,
      assumptions.msPerInvocation,
    )
    .option('--ms-per-file <ms>', 'time that a file adds', positive, assumptions.msPerFile)
    .option('--json', 'for programs')
    .action(async (options: Options) => {
      const environment = await loadEnvironment(options.env);
      const design = readDesign({ environment, resources: readAssembly(options.env) });
      const estimate = {
        workload: options,
        design,
        assumptions: { ...assumptions, ...options },
        prices: regions[options.region],
      };
      const made = bill(estimate);
      const text =
        options.json === true ? JSON.stringify({ design, ...made }, null, 2) : printed(made, options);
      stdout.write(`${text}\n`);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
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
    '* The price is from memory of the public price page and needs checking: src/cost/prices-*.ts.',
  ].join('\n');
}
