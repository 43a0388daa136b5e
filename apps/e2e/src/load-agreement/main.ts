import { availableParallelism } from 'node:os';
import { parseCommandLine, runProgram, showProgress, wholeNumber } from '@data-aggregator/pipeline-client';
import { duration, positive } from '@data-aggregator/simulator/load';
import { stderr, stdout } from '@data-aggregator/terminal';
import { assemblyOf } from '../workspace.ts';
import { compare, type Comparison, table } from './compare.ts';
import { measure } from './measure.ts';
import { simulate } from './simulate.ts';

/* node apps/e2e/src/load-agreement/main.ts: what `nx run e2e:load-agreement` runs; see --help. */

interface Flags {
  filesPerSecond: number[];
  minutes: number;
  outage: number;
  seed: number;
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('load-agreement')
      .description(
        'Runs the same load on the embedded cloud in real time and in simulator:load, and compares them.\n\n' +
          'Exit code: 0 if all figures agree within 20 %, 1 otherwise, 2 if the input is unusable.',
      )
      .option('--files-per-second <rate...>', 'one or several loads; 10 and 100 unless given', rates, [])
      .option('--minutes <n>', 'minutes in which files land', positive, 3)
      .option('--outage <duration>', 'outage of the ledger in the middle: none, 30s, 2m', duration, 0)
      .option('--seed <n>', 'of the simulation', wholeNumber, 1)
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

function rates(text: string, before: readonly number[]): number[] {
  return [...before, positive(text)];
}

async function main({ minutes, outage, seed, json, ...flags }: Flags, signal: AbortSignal): Promise<number> {
  const text = json ? stderr : stdout;
  const comparisons: Comparison[] = [];
  for (const filesPerSecond of flags.filesPerSecond.length > 0 ? flags.filesPerSecond : [10, 100]) {
    const load = { filesPerSecond, minutes, outageSeconds: outage };
    const progress = showProgress(filesPerSecond * minutes * 60, text);
    const measured = await measure(load, { assembly: assemblyOf('dev'), signal, progress }).finally(
      progress.stop,
    );
    const simulated = await simulate(load, measured, { processes: availableParallelism(), seed });
    const comparison = compare(load, measured, simulated);
    comparisons.push(comparison);
    text.write(`${table(comparison)}\n`);
  }
  if (json) stdout.write(`${JSON.stringify(comparisons)}\n`);
  return comparisons.every(({ agrees }) => agrees) ? 0 : 1;
}
