import { parseCommandLine, runProgram, wholeNumber } from '@data-aggregator/pipeline-client';
import { stderr, stdout, visible } from '@data-aggregator/terminal';
import { type ConsumerChaosResult, runConsumerChaos } from './run.ts';

/* node apps/e2e/src/consumer/main.ts: what `nx run consumer:chaos` runs; see --help. */

interface Flags {
  bundles: number;
  kills: number;
  seed: number;
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('chaos')
      .description(
        'Runs two consumers on two inboxes while their processes are killed, their requests fail, get lost or take effect late, and ' +
          'the disk of one of them is full from time to time. Then checks every file on disk.\n\n' +
          'Exit code: 0 if no file is missing, partial or duplicated, 1 otherwise, 2 if the input is unusable.',
      )
      .option('--bundles <n>', 'number of bundles', wholeNumber, 100)
      .option('--kills <n>', 'number of processes to kill', wholeNumber, 200)
      .option(
        '--seed <n>',
        'determines bundles and faults, but not how the processes interleave',
        wholeNumber,
        1,
      )
      .option('--json', 'print the result as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

async function main({ json, ...flags }: Flags, signal: AbortSignal): Promise<number> {
  const text = json ? stderr : stdout;
  const result = await runConsumerChaos({ ...flags, signal, note: (line) => text.write(`${line}\n`) });
  text.write(report(result));
  if (json) stdout.write(`${JSON.stringify(summary(result))}\n`);
  const { missing, partial, duplicated } = summary(result);
  return missing + partial + duplicated === 0 ? 0 : 1;
}

function summary({ bundles, files, kills, verdict, requestsPerBundle, seconds }: ConsumerChaosResult) {
  return {
    bundles,
    files,
    kills,
    missing: verdict.missing.length,
    partial: verdict.partial.length,
    duplicated: verdict.duplicated.length,
    requestsPerBundle,
    seconds: Math.round(seconds * 10) / 10,
  };
}

function report(result: ConsumerChaosResult): string {
  const { faults, fullDisks = 'no disk could be mounted', verdict } = result;
  const lines = Object.entries({ ...summary(result), faults, fullDisks }).map(
    ([name, value]) => `${name.padEnd(18)} ${value}`,
  );
  const details = (['missing', 'partial', 'duplicated'] as const).flatMap((kind) =>
    verdict[kind].slice(0, 10).map((what) => visible(`${kind}: ${what}`)),
  );
  return `${[...lines, ...details].join('\n')}\n`;
}
