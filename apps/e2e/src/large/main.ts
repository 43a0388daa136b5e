import {
  type Parsed,
  parseCommandLine,
  runProgram,
  showProgress,
  wholeNumber,
} from '@data-aggregator/pipeline-client';
import { bytes } from '@data-aggregator/shared-processing/config';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout, visible } from '@data-aggregator/terminal';
import { InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { sandboxAssembly } from '../workspace.ts';
import { type LargeOutcome, type Route, runLarge } from './run.ts';

/* node apps/e2e/src/large/main.ts: what `nx run e2e:large` runs; see --help. */

interface Flags {
  size: number;
  route: Route;
  kills: number;
  random?: number;
  files: number;
  timeout?: number;
  seed: number;
  json: boolean;
}

/** The aggregator bundles smaller objects itself. */
const MIN_SIZE = 40_000_000;
const MAX_SIZE = 10_000 * 5 * 1024 ** 3;

await runProgram(async (signal) => {
  const parsed = parseArguments(process.argv.slice(2));
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

function parseArguments(args: readonly string[]): Parsed<Flags> {
  return parseCommandLine<Flags>(args, stdout.write, (command, accept) =>
    command
      .name('large')
      .description(
        'Lands one huge object among small files in the embedded cloud, kills the processes that bundle it, and compares ' +
          'the bundle with the object, byte for byte. The object is made of zeros, which take no space, and stretches of ' +
          'random bytes. A bundle too large to be read is compared by all of its random bytes, by samples, and by the ' +
          'checksum of the whole.\n\n' +
          "A killed builder's claim blocks the object until the function would have timed out. So the run lowers the " +
          'timeout of the function for large objects to what the size needs: each kill takes about that long.\n\n' +
          'Exit code: 0 if bundle and object are identical and no file is lost or delivered twice, 1 otherwise, 2 if the ' +
          'input is unusable.',
      )
      .option('--size <bytes>', 'size of the object, such as 20GB or 5TB', bytesFrom(MIN_SIZE), 2_000_000_000)
      .addOption(
        new Option('--route <route>', 'stream it through the function, or let S3 copy it')
          .choices(['stream', 'copy'])
          .default('stream'),
      )
      .option('--kills <n>', 'how many builders of the object to kill; six would refuse it', upToFive, 1)
      .option(
        '--random <bytes>',
        'how much of the object is random and takes disk space, twice if it is streamed (default: a tenth of it, at least ' +
          '160MB and at most 4GB; 16MB if it is copied)',
        bytesFrom(0),
      )
      .option('--files <n>', 'small files that land before and after it', wholeNumber, 50)
      .option('--timeout <seconds>', 'timeout of the function (default: by size)', wholeNumber)
      .option('--seed <n>', 'determines the stretches and the moments of kills', wholeNumber, 1)
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
}

/** @throws InvalidArgumentError */
function upToFive(text: string): number {
  const number = wholeNumber(text);
  if (number > 5)
    throw new InvalidArgumentError('It must be at most 5: an object is refused once six builders have died.');
  return number;
}

/** Parses a number of bytes; the result throws InvalidArgumentError. */
function bytesFrom(min: number): (text: string) => number {
  const schema = bytes({ min, max: MAX_SIZE });
  return (text) => {
    const parsed = v.safeParse(schema, text);
    if (!parsed.success) throw new InvalidArgumentError(`It must be ${parsed.issues[0].message}.`);
    return parsed.output;
  };
}

async function main(
  { size: bytesOfObject, json, seed, ...flags }: Flags,
  signal: AbortSignal,
): Promise<number> {
  const text = json ? stderr : stdout;
  const { route, kills, files } = flags;
  const progress = showProgress(files + 1, text);
  const outcome = await runLarge({
    size: bytesOfObject,
    incompressible: flags.random ?? usualRandom(bytesOfObject, route),
    route,
    kills,
    files,
    timeoutSeconds: flags.timeout ?? usualTimeout(bytesOfObject, route),
    assembly: sandboxAssembly,
    random: createRandom(seed),
    signal,
    progress,
  }).finally(progress.stop);
  const result = summary(outcome, kills, route);
  text.write(report(outcome, result));
  if (json) stdout.write(`${JSON.stringify(result)}\n`);
  return result.identical && result.lost + result.duplicated === 0 ? 0 : 1;
}

/** Streamed, so much that the bundle does not fit into the function's memory. */
function usualRandom(size: number, route: Route): number {
  if (route === 'copy') return Math.min(size, 16e6);
  return Math.min(size, Math.max(160e6, Math.min(size / 10, 4e9)));
}

/** Copies take some ms for each GiB, streaming a second for about 50 MB. */
function usualTimeout(size: number, route: Route): number {
  const seconds = route === 'copy' ? 20 + size / 1e11 : 20 + size / 50e6;
  return Math.min(900, Math.ceil(seconds));
}

type Result = ReturnType<typeof summary>;

function summary(outcome: LargeOutcome, kills: number, route: Route) {
  const { verdict, problems } = outcome;
  const asAsked = outcome.route === route && outcome.kills === kills;
  return {
    bytes: outcome.bytes,
    route: outcome.route,
    seconds: Math.round(outcome.seconds * 10) / 10,
    peakRssMb: outcome.peakRssMb,
    parts: outcome.parts,
    kills: outcome.kills,
    identical: problems.length + verdict.mismatched.length === 0 && asAsked,
    lost: verdict.lost.length + verdict.quarantined.length,
    duplicated: verdict.duplicated.length,
  };
}

function report({ problems, verdict, uploadsLeft }: LargeOutcome, result: Result): string {
  const lines = Object.entries({ ...result, 'uploads left': uploadsLeft }).map(
    ([name, value]) => `${name.padEnd(16)} ${String(value)}`,
  );
  const details = [
    ...problems,
    ...(['lost', 'duplicated', 'mismatched', 'quarantined'] as const).flatMap((kind) =>
      verdict[kind].map((what) => `${kind}: ${what}`),
    ),
  ];
  return `${[...lines, ...details.slice(0, 20).map(visible)].join('\n')}\n`;
}
