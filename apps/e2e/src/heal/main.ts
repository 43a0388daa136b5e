import { parseCommandLine, runProgram, showProgress, wholeNumber } from '@data-aggregator/pipeline-client';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Option } from 'commander';
import { assemblyOf, sandboxAssembly } from '../workspace.ts';
import { type CaseName, caseNames, casesAt, full, short } from './cases.ts';
import { type CaseResult, missed } from './result.ts';
import { arrivals, runCase } from './run-case.ts';

/* node apps/e2e/src/heal/main.ts: what `nx run e2e:heal` runs; see --help. */

interface Flags {
  case: CaseName[];
  short: boolean;
  filesPerSecond?: number;
  outageSeconds?: number;
  seed: number;
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('heal')
      .description(
        'Measures how long files take from landing to distribution while something fails: real processes, in real ' +
          "time, with dev's templates. All five cases take about half an hour.\n\n" +
          'Exit code: 0 if every target of docs/guarantee.md is met, 1 otherwise, 2 if the input is unusable.',
      )
      .addOption(
        new Option('--case <name...>', 'only these cases')
          .choices(caseNames)
          .default([...caseNames], 'all of them'),
      )
      .option('--short', "the sandbox's short timeouts and short disturbances: about two minutes", false)
      .option('--files-per-second <n>', 'small files that arrive; 10 unless given', wholeNumber)
      .option('--outage-seconds <n>', 'length of the outage; 300 unless given', wholeNumber)
      .option('--seed <n>', 'determines which calls fail and which process is killed', wholeNumber, 1)
      .option('--json', 'print the results as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});

async function main(
  { case: names, short: isShort, seed, json, ...flags }: Flags,
  signal: AbortSignal,
): Promise<number> {
  const text = json ? stderr : stdout;
  const assembly = isShort ? sandboxAssembly : assemblyOf('dev');
  const results: Partial<Record<CaseName, CaseResult>> = {};
  let problems = 0;
  const usual = isShort ? short : full;
  const { filesPerSecond = usual.filesPerSecond, outageSeconds = usual.outageSeconds } = flags;
  for (const heal of casesAt({ ...usual, filesPerSecond, outageSeconds })) {
    if (!names.includes(heal.name)) continue;
    const progress = showProgress(arrivals(heal).length, text);
    const run = { assembly, random: createRandom(seed), signal, progress };
    const { result } = await runCase(heal, run).finally(progress.stop);
    results[heal.name] = result;
    const misses = missed(result, heal.targets);
    problems += misses.length;
    text.write(report(heal.name, result, misses));
  }
  if (json) stdout.write(`${JSON.stringify(results)}\n`);
  return problems === 0 ? 0 : 1;
}

function report(name: CaseName, result: CaseResult, misses: readonly string[]): string {
  const { large, without, ...small } = result;
  const rows = Object.entries({
    ...small,
    ...(without && { 'p95 without large': without.p95 }),
    ...(large && { 'large files': large.files, 'large p95': large.p95, 'large max': large.maxSeconds }),
  });
  const lines = rows.map(([what, value]) => `  ${what.padEnd(18)} ${value}`);
  const verdict = misses.length === 0 ? ['  all targets met'] : misses.map((miss) => `  MISSED: ${miss}`);
  return `${[name, ...lines, ...verdict].join('\n')}\n`;
}
