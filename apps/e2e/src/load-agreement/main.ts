import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseCommandLine, runProgram, showProgress, wholeNumber } from '@data-aggregator/pipeline-client';
import { duration, positive } from '@data-aggregator/simulator/load';
import { stderr, stdout, type Terminal } from '@data-aggregator/terminal';
import { assemblyOf } from '../workspace.ts';
import { compare, type Comparison, table } from './compare.ts';
import { type AgreementLoad, measure, type Measured } from './measure.ts';
import { simulate } from './simulate.ts';

/* node apps/e2e/src/load-agreement/main.ts: what `nx run e2e:load-agreement` runs; see --help. */

const TOO_BUSY = 4;

interface Flags {
  filesPerSecond: number[];
  minutes: number;
  attempts: number;
  save?: string;
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
          'Exit code: 0 if all figures agree within 20 %, 1 if one does not, 2 if the input is unusable, 4 if the machine was too busy: try ' +
          'again later.',
      )
      .option('--files-per-second <rate...>', 'one or several loads; 10 and 100 unless given', rates, [])
      .option('--minutes <n>', 'minutes in which files land', positive, 3)
      .option('--outage <duration>', 'outage of the ledger in the middle: none, 30s, 2m', duration, 0)
      .option('--attempts <n>', 'how often to run a load for which the machine is too busy', wholeNumber, 1)
      .option('--save <file>', 'writes what was measured, so that it can be simulated again')
      .option('--seed <n>', 'of the simulation', wholeNumber, 1)
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

function rates(text: string, before: readonly number[]): number[] {
  return [...before, positive(text)];
}

async function main({ json, ...flags }: Flags, signal: AbortSignal): Promise<number> {
  const { minutes, outage, attempts, save } = flags;
  const text = json ? stderr : stdout;
  const comparisons: Comparison[] = [];
  const runs: { load: AgreementLoad; measured: Measured }[] = [];
  for (const filesPerSecond of flags.filesPerSecond.length > 0 ? flags.filesPerSecond : [10, 100]) {
    const load = { filesPerSecond, minutes, outageSeconds: outage };
    for (let attempt = 1; ; attempt++) {
      const measured = await measureWithProgress(load, text, signal);
      const comparison = await compareWithSimulation(load, measured, flags.seed);
      text.write(`${table(comparison)}\n`);
      if (comparison.verdict === 'too-busy' && attempt < attempts) continue;
      comparisons.push(comparison);
      runs.push({ load, measured });
      break;
    }
  }
  if (save !== undefined) writeFileSync(save, JSON.stringify(runs));
  if (json) stdout.write(`${JSON.stringify(comparisons)}\n`);
  const verdicts = comparisons.map(({ verdict }) => verdict);
  if (verdicts.includes('differs')) return 1;
  return verdicts.includes('too-busy') ? TOO_BUSY : 0;
}

async function measureWithProgress(
  load: AgreementLoad,
  text: Terminal,
  signal: AbortSignal,
): Promise<Measured> {
  const progress = showProgress(load.filesPerSecond * load.minutes * 60, text);
  return measure(load, { assembly: assemblyOf('dev'), signal, progress }).finally(progress.stop);
}

async function compareWithSimulation(
  load: AgreementLoad,
  measured: Measured,
  seed: number,
): Promise<Comparison> {
  const model = { processes: availableParallelism(), seed };
  const simulated = await simulate(load, measured, model);
  const wrong = await simulate(load, measured, { ...model, windowFactor: 0.5 });
  return compare(load, measured, simulated, wrong);
}
