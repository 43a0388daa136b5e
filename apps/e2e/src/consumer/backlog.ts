import { parseCommandLine, runProgram, wholeNumber } from '@data-aggregator/pipeline-client';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout } from '@data-aggregator/terminal';
import { makeBundle } from './bundles.ts';
import { checkDisks } from './check.ts';
import { growthOf, isFlat, maximaOf, sampled } from './memory.ts';
import { newInbox, startWorld, type World } from './world.ts';

/*
 * node apps/e2e/src/consumer/backlog.ts: what `nx run consumer:backlog` runs. Many small bundles wait; `consumer once` processes them, while
 * its memory and its requests are measured.
 */

/** Parts of the backlog for which memory is stated. */
const PARTS = 10;
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
            'Exit code: 0 if every file is on disk once, memory stays flat and requests are proportional to the bundles, 1 otherwise. Memory is flat if ' +
            'in the last quarter of the backlog it is at most 5 % above that in the second; a run with fewer than 2,000 bundles ends before ' +
            'the consumer is warm. Needs Linux.',
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
  const requests = { s3: (world.requests - before) / count, sqs: sqs.requests / count };
  const memory = {
    rssMB: maximaOf(samples, count, PARTS),
    rssQuartersMB: maximaOf(samples, count, 4),
    growth: growthOf(samples, count),
    isFlat: isFlat(samples, count),
  };
  const result = { bundles: count, wrong, ...memory, requestsPerBundle: requests, seconds };
  stdout.write(`${JSON.stringify(result, rounded)}\n`);
  const isProportional = requests.s3 + requests.sqs <= MAX_REQUESTS_PER_BUNDLE;
  return wrong === 0 && memory.isFlat && isProportional ? 0 : 1;
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

/** For `JSON.stringify`: two digits after the point. */
function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}
