import { parseCommandLine, runProgram, showProgress, wholeNumber } from '@data-aggregator/pipeline-client';
import { stderr, stdout, visible } from '@data-aggregator/terminal';
import { assemblyOf } from '../workspace.ts';
import { type BackfillOutcome, runBackfill } from './run.ts';

/* node apps/e2e/src/backfill/main.ts: what `nx run e2e:backfill` runs; see --help. */

interface Flags {
  objects: number;
  live: number;
  kills: number;
  rate: number;
  seed: number;
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('backfill')
      .description(
        'Backfills a bucket on the embedded cloud with ops:backfill, while live notifications arrive for some of ' +
          'the same objects and the command is killed and resumed. Then checks every byte that the consumer pulled.\n\n' +
          'Exit code: 0 if nothing was lost, delivered twice or changed, 1 otherwise, 2 if the input is unusable.',
      )
      .option('--objects <n>', 'number of object versions that exist already', wholeNumber, 100_000)
      .option('--live <n>', 'how many of them are also announced live', wholeNumber, 1_000)
      .option('--kills <n>', 'how often the command is killed and resumed', wholeNumber, 3)
      .option('--rate <n>', 'versions per second', wholeNumber, 1_000)
      .option('--seed <n>', 'determines the objects, and which are announced', wholeNumber, 1)
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

async function main({ json, ...flags }: Flags, signal: AbortSignal): Promise<number> {
  const text = json ? stderr : stdout;
  const progress = showProgress(flags.objects, text);
  const run = { ...flags, signal, progress, assembly: assemblyOf('dev'), env: 'dev' };
  const outcome = await runBackfill(run).finally(progress.stop);
  text.write(report(outcome));
  if (json) stdout.write(`${JSON.stringify(summary(outcome))}\n`);
  const { lost, duplicated, mismatched, quarantined } = outcome.verdict;
  return lost.length + duplicated.length + mismatched.length + quarantined.length === 0 ? 0 : 1;
}

function summary({ verdict, estimated, seconds, ...rest }: BackfillOutcome) {
  return {
    ...rest,
    estimatedObjects: estimated.objects,
    estimatedUsd: Number(estimated.usd.toFixed(4)),
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.length,
    mismatched: verdict.mismatched.length,
    quarantined: verdict.quarantined.length,
    seconds: Math.round(seconds * 10) / 10,
  };
}

function report(outcome: BackfillOutcome): string {
  const lines = Object.entries(summary(outcome)).map(([name, value]) => `${name.padEnd(18)} ${value}`);
  const details = Object.entries(outcome.verdict).flatMap(([kind, all]) =>
    (all as string[]).slice(0, 10).map((what) => visible(`${kind}: ${what}`)),
  );
  return `${[...lines, ...details].join('\n')}\n`;
}
