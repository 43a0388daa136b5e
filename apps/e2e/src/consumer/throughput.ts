import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runProgram } from '@data-aggregator/pipeline-client';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stdout } from '@data-aggregator/terminal';
import { type BundleShape, makeBundle, type MadeBundle } from './bundles.ts';
import { checkDisks } from './check.ts';
import { newInbox, startWorld, type World } from './world.ts';

/*
 * node apps/e2e/src/consumer/throughput.ts: what `nx run consumer:throughput` runs. In each round, the same bundles are downloaded by
 * `aws s3 cp --recursive` and extracted by tar, and then processed by the consumer, which also verifies, syncs and deletes them.
 */

const ROUNDS = 3;
const SHAPES: readonly { bundles: number; shape: BundleShape }[] = [
  { bundles: 8, shape: { files: 1_000, maxBytes: 8_000 } },
  { bundles: 4, shape: { files: 4, maxBytes: 24 * 1024 ** 2, noise: true } },
];

const execute = promisify(execFile);

await runProgram(async (signal) => {
  await using world = await startWorld();
  const random = createRandom(1);
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    signal.throwIfAborted();
    const bundles: MadeBundle[] = [];
    for (const { bundles: count, shape } of SHAPES) {
      for (let index = 0; index < count; index++)
        bundles.push(await makeBundle(random, world.distribution, shape));
    }
    for (const bundle of bundles) await world.publish(bundle);
    const files = bundles.reduce((sum, bundle) => sum + bundle.files.size, 0);
    const tools = await seconds(() => withTools(world, join(world.folder, `tools-${round}`)));
    rmSync(join(world.folder, `tools-${round}`), { recursive: true });
    const inbox = newInbox(world, `inbox-${round}`);
    const consumer = await seconds(async () => {
      const { exitCode, stderr } = await world.start(['once', '--to', inbox]).ended;
      if (exitCode !== 0) throw new Error(`the consumer ended with ${exitCode}: ${stderr}`);
    });
    const { missing, partial, duplicated } = await checkDisks([inbox], bundles);
    const wrong = missing.length + partial.length + duplicated.length;
    const ratio = consumer / tools;
    ratios.push(ratio);
    const figures = { round, bundles: bundles.length, files, wrong };
    const times = { toolsSeconds: rounded(tools), consumerSeconds: rounded(consumer), ratio: rounded(ratio) };
    stdout.write(`${JSON.stringify({ ...figures, ...times })}\n`);
  }
  const [, median = Infinity] = ratios.sort((a, b) => a - b);
  stdout.write(`${JSON.stringify({ medianRatio: rounded(median), target: 1.2 })}\n`);
  return median <= 1.2 ? 0 : 1;
});

/** What was written before is synced first: otherwise the consumer, which syncs, would wait for it. */
async function seconds(work: () => Promise<unknown>): Promise<number> {
  await execute('sync');
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
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

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
