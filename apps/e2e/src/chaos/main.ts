import { stderr, stdout, visible } from '@data-aggregator/terminal';
import { parseCommandLine, runProgram, showProgress, wholeNumber } from '@data-aggregator/pipeline-client';
import { sandboxAssembly } from '../workspace.ts';
import { type ChaosOutcome, runChaos } from './run.ts';

/* node apps/e2e/src/chaos/main.ts: what `nx run e2e:chaos` runs; see --help. */

interface Flags {
  files: number;
  kills: number;
  seed: number;
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('chaos')
      .description(
        'Runs the pipeline on the embedded cloud while function processes are killed, connections are cut, calls fail or ' +
          'are delayed, and notifications are repeated. Then lets it drain, and checks every byte that the consumer has put on disk.\n\n' +
          'Exit code: 0 if nothing was lost, delivered twice or changed, 1 otherwise, 2 if the input is unusable.',
      )
      .option('--files <n>', 'number of files', wholeNumber, 5_000)
      .option('--kills <n>', 'number of function processes to kill', wholeNumber, 50)
      .option(
        '--seed <n>',
        'determines files, faults and the moments of kills, but not how the processes interleave',
        wholeNumber,
        1,
      )
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

async function main({ files, kills, seed, json }: Flags, signal: AbortSignal): Promise<number> {
  const text = json ? stderr : stdout;
  const progress = showProgress(files, text);
  const run = { files, kills, seed, signal, progress, assembly: sandboxAssembly };
  const outcome = await runChaos(run).finally(progress.stop);
  text.write(report(outcome, seed));
  if (json) stdout.write(`${JSON.stringify(summary(outcome))}\n`);
  const { lost, duplicated, mismatched } = outcome.verdict;
  return lost.length + duplicated.length + mismatched.length === 0 ? 0 : 1;
}

function summary({ files, kills, faults, verdict, seconds }: ChaosOutcome) {
  return {
    files,
    kills,
    faults,
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.length,
    mismatched: verdict.mismatched.length,
    quarantined: verdict.quarantined.length,
    seconds: Math.round(seconds * 10) / 10,
  };
}

function report(outcome: ChaosOutcome, seed: number): string {
  const { verdict } = outcome;
  const { lost, duplicated, mismatched, quarantined, ...rest } = summary(outcome);
  const all = {
    ...rest,
    bundles: outcome.bundles,
    requeued: outcome.requeued,
    lost,
    duplicated,
    mismatched,
    quarantined,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name.padEnd(16)} ${value}`);
  const details = (['lost', 'duplicated', 'mismatched', 'quarantined'] as const).flatMap((kind) =>
    verdict[kind].slice(0, 10).map((what) => visible(`${kind}: ${what}`)),
  );
  return `${[`chaos of seed ${seed}`, ...lines, ...details].join('\n')}\n`;
}
