import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { fillPage } from '../report/fill-page.ts';
import { startStandIn } from '../stand-in/start.ts';
import { copySubject } from '../subject.ts';
import { alternativesTo, alternativeWorkloads, FIRST_BYTE_MS, measureAlternatives } from './measure.ts';
import { type Comparison, HEAD, page, plot, rowsOf, sentence } from './report.ts';

const root = join(import.meta.dirname, '../../../..');
const output = join(import.meta.dirname, '../../dist');

reportUncaught();
const { only, json, docs } = new Command('bench:alternatives')
  .description(
    "Compares the aggregator with the predecessor's approach and with a plain function, on the same files",
  )
  .addOption(
    new Option('--only <names...>', 'run only these workloads').choices(
      alternativeWorkloads.map(({ name }) => name),
    ),
  )
  .option('--json', 'print the results as JSON')
  .option('--docs', 'write the results into docs/performance.md and README.md')
  .parse()
  .opts<{ only?: string[]; json?: true; docs?: true }>();
if (docs && only) throw new Error('--docs needs all workloads and cannot be combined with --only');

// Read the revision and the load before measuring, because both change meanwhile.
const { stdout: revision } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: root,
});
const [load = 0] = loadavg();
const subject = await copySubject(root);
const standIn = await startStandIn();
const alternatives = alternativesTo(subject.artifact);
const comparisons: Comparison[] = [];
try {
  for (const workload of alternativeWorkloads) {
    if (!(only?.includes(workload.name) ?? true)) continue;
    if (!json) stderr.write(`${workload.name}: ${workload.title}\n`);
    comparisons.push({ workload, costs: await measureAlternatives(workload, alternatives, standIn) });
  }
} finally {
  standIn.stop();
  await subject.remove();
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
const document = JSON.stringify(
  {
    revision: revision.trim(),
    machine,
    loadBefore: load,
    firstByteMs: FIRST_BYTE_MS,
    workloads: comparisons.map(({ workload: { name, title }, costs }) => ({
      name,
      title,
      functions: costs.map((cost, index) => ({ name: alternatives[index]?.name, ...cost })),
    })),
  },
  undefined,
  2,
);
await mkdir(output, { recursive: true });
await writeFile(join(output, 'alternatives.json'), `${document}\n`);
if (docs) {
  const conditions = `Measured on ${machine}, with a load of ${load.toFixed(1)} before the run.`;
  await fillPage(join(root, 'docs/performance.md'), {
    alternatives: page(comparisons, alternatives, conditions),
  });
  await fillPage(join(root, 'README.md'), { alternatives: sentence(comparisons) });
  await writeFile(join(root, 'docs/performance-alternatives.svg'), plot(comparisons, alternatives));
}

if (json) stdout.write(`${document}\n`);
else {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...rowsOf(comparisons, alternatives));
  stdout.write(`${table.toString()}\n`);
}
