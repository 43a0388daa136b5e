import { stderr, stdout, visible } from '@data-aggregator/terminal';
import { Command, InvalidArgumentError } from 'commander';
import { showProgress } from '../folder/progress.ts';
import { sandboxAssembly } from '../workspace.ts';
import { type ChaosOutcome, runChaos } from './run.ts';

/* node apps/e2e/src/chaos/main.ts: what `nx run e2e:chaos` does; see --help. */

interface Flags {
  files: number;
  kills: number;
  seed: number;
  json: boolean;
}

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
};

await new Command('chaos')
  .description(
    'Runs the pipeline on the embedded cloud while function processes are killed, connections are cut, calls fail or ' +
      'come late and notifications are repeated; then lets it drain, and checks every byte that the consumer pulled.\n\n' +
      'Exits with 0 where nothing was lost, delivered twice or changed, else with 1.',
  )
  .option('--files <n>', 'files that arrive', wholeNumber, 5_000)
  .option('--kills <n>', 'function processes to kill', wholeNumber, 50)
  .option(
    '--seed <n>',
    'decides files, faults and the moments of kills; not what the processes do meanwhile',
    wholeNumber,
    1,
  )
  .option('--json', 'print the result as one JSON object on the last line of stdout', false)
  .action(main)
  .parseAsync();

async function main({ files, kills, seed, json }: Flags): Promise<void> {
  const text = json ? stderr : stdout;
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Error(`Ended by ${name}.`)));
  const { signal } = controller;
  const progress = showProgress(files, text);
  try {
    const run = { files, kills, seed, signal, progress, assembly: sandboxAssembly };
    const outcome = await runChaos(run).finally(progress.stop);
    text.write(report(outcome, seed));
    if (json) stdout.write(`${JSON.stringify(summary(outcome))}\n`);
    const { lost, duplicated, mismatched } = outcome.verdict;
    process.exitCode = lost.length + duplicated.length + mismatched.length === 0 ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    stderr.write(`${(signal.reason as Error).message}\n`);
    process.exitCode = 130;
  }
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
