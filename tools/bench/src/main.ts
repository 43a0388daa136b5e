import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { measure } from './measure.ts';
import { type Result, terminalTable } from './report/table.ts';
import { startStandIn } from './stand-in/start.ts';
import { workloads } from './workloads/index.ts';

const root = join(import.meta.dirname, '../../..');
const output = join(import.meta.dirname, '../dist');
const artifact = join(root, 'apps/aggregator/dist/function/index.mjs');

const { only, json, profile } = new Command('bench')
  .description('Measures the built aggregator against what its work must cost')
  .addOption(new Option('--only <names...>', 'these workloads').choices(workloads.map(({ name }) => name)))
  .option('--json', 'print the results as JSON')
  .option('--profile', "write processor profiles of the function into the bench's dist folder")
  .parse()
  .opts<{ only?: string[]; json?: true; profile?: true }>();

const standIn = await startStandIn();
const profileFolder = join(output, 'profiles');
const bench = { standIn, ...(profile && { profileFolder }) };
const results: Result[] = [];
try {
  for (const workload of workloads.filter(({ name }) => only?.includes(name) ?? true)) {
    if (!json) process.stderr.write(`${workload.name}: ${workload.title}\n`);
    const [figures] = await measure(workload, [{ name: 'here', artifact }], bench);
    if (figures) results.push({ workload, figures });
  }
} finally {
  standIn.stop();
}

const asJson = JSON.stringify(
  results.map(({ workload: { name, title, figure, unit, reach }, figures }) => ({
    name,
    title,
    figure,
    unit,
    reach,
    ...figures,
  })),
  undefined,
  2,
);
await mkdir(output, { recursive: true });
await writeFile(join(output, 'results.json'), `${asJson}\n`);
console.log(json ? asJson : terminalTable(results));
