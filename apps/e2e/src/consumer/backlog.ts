import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCommandLine, runProgram, wholeNumber } from '@data-aggregator/pipeline-client';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout } from '@data-aggregator/terminal';
import { makeBundle } from './bundles.ts';
import { checkDisks } from './check.ts';
import { newInbox, type RunningConsumer, startWorld, type World } from './world.ts';

/*
 * node apps/e2e/src/consumer/backlog.ts: what `nx run consumer:backlog` runs. Many small bundles wait; `consumer once` processes them, while
 * its memory and its requests are measured.
 */

const SAMPLE_MS = 250;
/** Parts of the backlog for which memory is stated. */
const PARTS = 10;
/** V8 enlarges its young generation during the first parts. From then on, memory may grow by this factor. */
const MAX_GROWTH = 1.25;
const FIRST_PARTS = 2;
const MAX_REQUESTS_PER_BUNDLE = 6;
const SHAPE = { files: 2, maxBytes: 600 };
const CONCURRENT_PUTS = 8;

await runProgram(async (signal) => {
  const parsed = parseCommandLine<{ bundles: number }>(
    process.argv.slice(2),
    stdout.write,
    (command, accept) =>
      command
        .name('backlog')
        .description(
          'Lets `consumer once` process a backlog, and measures its memory and its requests. The last line is JSON.\n\n' +
            'Exit code: 0 if every file is on disk once, memory stays flat and requests are proportional to the bundles, 1 otherwise.',
        )
        .option('--bundles <n>', 'number of bundles', wholeNumber, 10_000)
        .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request.bundles, signal);
});

async function main(count: number, signal: AbortSignal): Promise<number> {
  await using world = await startWorld();
  const published = await publish(world, count, signal);
  stderr.write(`${published.length} bundles are waiting\n`);
  const sqs = countQueueRequests(world);
  const inbox = newInbox(world, 'inbox');
  const before = world.requests;
  const began = performance.now();
  const consumer = world.start(['once', '--to', inbox]);
  const samples = await sampled(consumer, signal);
  const { exitCode, stderr: problem } = await consumer.ended;
  if (exitCode !== 0) throw new Error(`the consumer ended with ${exitCode}: ${problem}`);
  const seconds = (performance.now() - began) / 1000;
  const { missing, partial, duplicated } = await checkDisks([inbox], published);
  const wrong = missing.length + partial.length + duplicated.length;
  const rssMB = maximaOf(samples, count);
  const requests = { s3: (world.requests - before) / count, sqs: sqs.requests / count };
  const growth = (rssMB.at(-1) ?? Infinity) / (rssMB[FIRST_PARTS] ?? 0);
  const result = { bundles: count, wrong, rssMB, growth, requestsPerBundle: requests, seconds };
  stdout.write(`${JSON.stringify(result, rounded)}\n`);
  const isProportional = requests.s3 + requests.sqs <= MAX_REQUESTS_PER_BUNDLE;
  return wrong === 0 && growth <= MAX_GROWTH && isProportional ? 0 : 1;
}

/** Publishes bundles that were begun one second after another. */
async function publish(world: World, count: number, signal: AbortSignal) {
  const random = createRandom(1);
  const first = Date.now() - count * 1000;
  const numbers = Array.from({ length: count }, (_, index) => index);
  return mapConcurrently(numbers, CONCURRENT_PUTS, async (index) => {
    signal.throwIfAborted();
    const bundle = await makeBundle(random, world.distribution, { ...SHAPE, at: first + index * 1000 });
    await world.publish(bundle);
    if ((index + 1) % 1000 === 0) stderr.write(`${index + 1} bundles published\n`);
    return bundle;
  });
}

function countQueueRequests({ cloud }: World): { readonly requests: number } {
  let requests = 0;
  cloud.faults.sqs = ({ roleName }) => {
    if (roleName?.endsWith('-consumer')) requests++;
    return undefined;
  };
  return {
    get requests() {
      return requests;
    },
  };
}

/** The memory of a process until it ends, with the number of bundles that it has delivered by then. */
async function sampled({ child, events, ended }: RunningConsumer, signal: AbortSignal) {
  const samples: { delivered: number; megabytes: number }[] = [];
  let isOver = false;
  void ended.then(() => (isOver = true));
  let [delivered, read] = [0, 0];
  while (!isOver) {
    await sleep(SAMPLE_MS, undefined, { signal });
    for (; read < events.length; read++) if (events[read]?.event === 'bundle.delivered') delivered++;
    const megabytes = residentMegabytes(child.pid);
    if (megabytes !== undefined) samples.push({ delivered, megabytes });
  }
  return samples;
}

/** Undefined once the process has ended. Only Linux tells. */
function residentMegabytes(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The most memory in each part of the backlog. */
function maximaOf(samples: readonly { delivered: number; megabytes: number }[], count: number): number[] {
  return Array.from({ length: PARTS }, (_, part) =>
    samples
      .filter(({ delivered }) => Math.min(PARTS - 1, Math.floor((delivered / count) * PARTS)) === part)
      .reduce((most, { megabytes }) => Math.max(most, megabytes), 0),
  );
}

/** For `JSON.stringify`: two digits after the point. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
