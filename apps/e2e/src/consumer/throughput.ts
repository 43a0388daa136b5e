import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseCommandLine, runProgram } from '@data-aggregator/pipeline-client';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stdout } from '@data-aggregator/terminal';
import { type BundleShape, makeBundle, type MadeBundle } from './bundles.ts';
import { checkDisks } from './check.ts';
import { newInbox, startWorld, type World } from './world.ts';

/*
 * node apps/e2e/src/consumer/throughput.ts: what `nx run consumer:throughput` runs. In each round, the same bundles are downloaded by
 * `aws s3 cp --recursive` and extracted by tar, and then processed by the consumer, which also verifies, syncs and deletes them.
 *
 * Nothing is removed before the end: an ext4 without a journal creates files ten times more slowly for a minute after many were removed,
 * because it does not use their inodes again at once.
 */

const ROUNDS = 3;
const TARGET = 1.2;
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const SHAPES: readonly { bundles: number; shape: BundleShape }[] = [
  { bundles: 8, shape: { files: 1_000, maxBytes: 8_000 } },
  { bundles: 4, shape: { files: 4, maxBytes: 24 * 1024 ** 2, noise: true } },
];

const execute = promisify(execFile);

await runProgram(async (signal) => {
  const parsed = parseCommandLine<object>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('throughput')
      .description(
        'Downloads and extracts the same bundles with the AWS CLI and tar, and then with the consumer, in three rounds, and ' +
          'compares the times.\n\n' +
          `Exit code: 0 if the consumer takes at most ${TARGET} times as long and every file is right, 1 otherwise.`,
      )
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : compare(signal);
});

async function compare(signal: AbortSignal): Promise<number> {
  await using world = await startWorld();
  const random = createRandom(1);
  const ratios: { seconds: number; cpuSeconds: number }[] = [];
  let wrongFiles = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    signal.throwIfAborted();
    const bundles: MadeBundle[] = [];
    for (const { bundles: count, shape } of SHAPES) {
      for (let index = 0; index < count; index++)
        bundles.push(await makeBundle(random, world.distribution, shape));
    }
    for (const bundle of bundles) await world.publish(bundle);
    const files = bundles.reduce((sum, bundle) => sum + bundle.files.size, 0);
    const tools = await measured(() => withTools(world, join(world.folder, `tools-${round}`)));
    const inbox = newInbox(world, `inbox-${round}`);
    const consumer = await measured(async () => {
      const { exitCode, stderr } = await world.start(['once', '--to', inbox]).ended;
      if (exitCode !== 0) throw new Error(`the consumer ended with ${exitCode}: ${stderr}`);
    });
    const { missing, partial, duplicated } = await checkDisks([inbox], bundles);
    const wrong = missing.length + partial.length + duplicated.length;
    wrongFiles += wrong;
    const ratio = {
      seconds: consumer.seconds / tools.seconds,
      cpuSeconds: consumer.cpuSeconds / tools.cpuSeconds,
    };
    ratios.push(ratio);
    const figures = {
      ...{ round, bundles: bundles.length, files, wrong },
      ...{ toolsSeconds: tools.seconds, consumerSeconds: consumer.seconds, ratio: ratio.seconds },
      ...{ toolsCpuSeconds: tools.cpuSeconds, consumerCpuSeconds: consumer.cpuSeconds },
      cpuRatio: ratio.cpuSeconds,
    };
    stdout.write(`${JSON.stringify(figures, rounded)}\n`);
  }
  const medianRatio = median(ratios.map((ratio) => ratio.seconds));
  const medianCpuRatio = median(ratios.map((ratio) => ratio.cpuSeconds));
  stdout.write(`${JSON.stringify({ medianRatio, medianCpuRatio, target: TARGET }, rounded)}\n`);
  return medianRatio <= TARGET && wrongFiles === 0 ? 0 : 1;
}

/**
 * The time that work takes, and the CPU time of the processes that it starts and waits for. What was written before is synced first:
 * otherwise the consumer, which syncs, would wait for it.
 */
async function measured(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number }> {
  await execute('sync');
  const [began, cpu] = [performance.now(), childrenCpuSeconds()];
  await work();
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: childrenCpuSeconds() - cpu };
}

/** User and system time of the child processes that have ended, and of theirs. Only Linux tells. */
function childrenCpuSeconds(): number {
  // The name of the program, in parentheses, may contain spaces. `cutime` and `cstime` are fields 16 and 17.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;
}

async function withTools({ environment, distribution, cloud }: World, folder: string): Promise<void> {
  mkdirSync(folder);
  const env = { ...process.env, ...environment };
  const source = `s3://${distribution}/bundles/`;
  await execute(
    'aws',
    ['--endpoint-url', cloud.endpoint, 's3', 'cp', '--recursive', '--quiet', source, folder],
    { env },
  );
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.tar.gz')) continue;
    const target = join(folder, `${path}.files`);
    mkdirSync(target);
    await execute('tar', ['-xzf', join(folder, path), '-C', target]);
  }
}

/** For `JSON.stringify`: two digits after the point. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
