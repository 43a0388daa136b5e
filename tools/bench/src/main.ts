import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command, Option } from 'commander';
import { measure } from './measure.ts';
import { drawProfiles } from './profile.ts';
import { fillPage } from './report/fill-page.ts';
import {
  encodingMarkdown,
  encodingTable,
  markdownTable,
  type Result,
  scaleMarkdown,
  scaleTable,
  terminalTable,
} from './report/table.ts';
import { startStandIn } from './stand-in/start.ts';
import { copySubject } from './subject.ts';
import { workloads } from './workloads/index.ts';
import { small } from './workloads/small.ts';
import { type EncodingPoint, measureEncodings } from './workloads/encodings.ts';
import { measureScale, type Scale } from './workloads/scale.ts';

const root = join(import.meta.dirname, '../../..');
const output = join(import.meta.dirname, '../dist');

reportUncaught();
const { only, json, profile, docs } = new Command('bench')
  .description(
    'Measures the built aggregator, and compares it with a floor: the least that its work must cost',
  )
  .addOption(
    new Option('--only <names...>', 'run only these workloads').choices([
      ...workloads.map(({ name }) => name),
      'scale',
      'encodings',
    ]),
  )
  .option('--json', 'print the results as JSON')
  .option('--docs', 'write the results into docs/performance.md')
  .option('--profile', 'write CPU profiles and flame graphs to tools/bench/dist/profiles')
  .parse()
  .opts<{ only?: string[]; json?: true; profile?: true; docs?: true }>();

if (docs && only) throw new Error('--docs needs all workloads and cannot be combined with --only');
const isWanted = (name: string) => only?.includes(name) ?? true;
const log = (line: string) => json || stderr.write(`${line}\n`);

// Read the revision before measuring, because it may change meanwhile.
const { stdout: revision } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: root,
});
const subject = await copySubject(root);
const standIn = await startStandIn();
const profiles = join(output, 'profiles');
const bench = { standIn, ...(profile && { profileFolder: profiles }) };
const results: Result[] = [];
let scale: Scale | undefined;
let encodings: EncodingPoint[] | undefined;
try {
  for (const workload of workloads) {
    if (!isWanted(workload.name)) continue;
    log(`${workload.name}: ${workload.title}`);
    const [figures] = await measure(workload, [subject], bench);
    if (figures) results.push({ workload, figures });
    if (profile) await drawProfiles(profiles, subject.artifact, workload.title);
  }
  if (isWanted('scale')) {
    log('scale: batches and backlogs of growing size');
    scale = await measureScale(subject, bench);
  }
  if (isWanted('encodings')) {
    log('encodings: gzip and zstd at several levels');
    encodings = await measureEncodings(subject, bench);
  }
  if (docs) {
    // A separate run, because profiling slows the process down.
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    await measure(small, [subject], { standIn, profileFolder: folder });
    const [drawn = ''] = await drawProfiles(folder, subject.artifact, small.title);
    await copyFile(drawn, join(root, 'docs/performance-flames.svg'));
    await rm(folder, { recursive: true });
  }
} finally {
  standIn.stop();
  await subject.remove();
}

const document = JSON.stringify(
  {
    revision: revision.trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    workloads: results.map(({ workload: { name, title, figure, unit, reach }, figures }) => ({
      ...{ name, title, figure, unit, reach },
      ...figures,
    })),
    ...(scale && { scale }),
    ...(encodings && { encodings }),
  },
  undefined,
  2,
);
await mkdir(output, { recursive: true });
await writeFile(join(output, 'results.json'), `${document}\n`);
if (docs && scale && encodings) await writePage(scale, encodings);

if (json) stdout.write(`${document}\n`);
else
  stdout.write(
    `${[
      results.length > 0 && terminalTable(results),
      scale && scaleTable(scale),
      encodings && encodingTable(encodings),
    ]
      .filter(Boolean)
      .join('\n')}\n`,
  );

async function writePage(measured: Scale, points: readonly EncodingPoint[]): Promise<void> {
  await fillPage(join(root, 'docs/performance.md'), {
    results: markdownTable(results),
    scale: scaleMarkdown(measured),
    encodings: encodingMarkdown(points),
  });
  await writeFile(join(root, 'docs/performance.json'), `${document}\n`);
}
