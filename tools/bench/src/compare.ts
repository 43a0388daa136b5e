import { join } from 'node:path';
import { stderr, stdout } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { measure } from './measure.ts';
import { buildRevision, copySubject } from './subject.ts';
import { startStandIn } from './stand-in/start.ts';
import { workloads } from './workloads/index.ts';

const root = join(import.meta.dirname, '../../..');
const { base, only } = new Command('bench:compare')
  .description('Measures the aggregators of another revision and of this checkout alternately')
  .requiredOption('--base <revision>', 'revision to compare with')
  .addOption(
    new Option('--only <names...>', 'run only these workloads').choices(workloads.map(({ name }) => name)),
  )
  .parse()
  .opts<{ base: string; only?: string[] }>();

const other = await buildRevision(root, base);
const here = await copySubject(root);
const standIn = await startStandIn();
try {
  const table = new Table({
    head: ['workload', 'figure', base, 'here', 'here ÷ base'],
    style: { head: [], border: [] },
  });
  for (const workload of workloads.filter(({ name }) => only?.includes(name) ?? true)) {
    stderr.write(`${workload.name}: ${workload.title}\n`);
    const [before, after] = await measure(workload, [{ name: base, artifact: other.artifact }, here], {
      standIn,
    });
    if (!before || !after) continue;
    const amount = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ${workload.unit}`;
    const ratio = (after.value / before.value).toFixed(2);
    table.push([workload.title, workload.figure, amount(before.value), amount(after.value), ratio]);
  }
  stdout.write(`${table.toString()}\n`);
} finally {
  standIn.stop();
  await here.remove();
  await other.remove();
}
