import { createRandom } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Command, InvalidArgumentError, Option } from 'commander';
import { showProgress } from '../folder/progress.ts';
import { assemblyOf, sandboxAssembly } from '../workspace.ts';
import { type CaseName, caseNames, casesAt, full, short } from './cases.ts';
import { type CaseResult, missed } from './result.ts';
import { arrivals, runCase } from './run-case.ts';

/* node apps/e2e/src/heal/main.ts: what `nx run e2e:heal` does; see --help. */

interface Flags {
  case: CaseName[];
  short: boolean;
  seed: number;
  json: boolean;
}

await new Command('heal')
  .description(
    'Measures how long files take from landing to distribution while something fails: real processes, in real time, ' +
      "with dev's templates. All five cases take about half an hour.\n\n" +
      'Exits with 0 if every target of docs/guarantee.md is met, otherwise with 1.',
  )
  .addOption(
    new Option('--case <name...>', 'only these cases')
      .choices(caseNames)
      .default([...caseNames], 'all of them'),
  )
  .option('--short', "the sandbox's short timeouts and short disturbances: about three minutes", false)
  .option('--seed <n>', 'decides which calls fail and which process is killed', wholeNumber, 1)
  .option('--json', 'print the results as one JSON object on the last line of stdout', false)
  .action(main)
  .parseAsync();

async function main({ case: names, short: isShort, seed, json }: Flags): Promise<void> {
  const text = json ? stderr : stdout;
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Error(`Ended by ${name}.`)));
  const { signal } = controller;
  const assembly = isShort ? sandboxAssembly : assemblyOf('dev');
  const results: Partial<Record<CaseName, CaseResult>> = {};
  let problems = 0;
  try {
    for (const heal of casesAt(isShort ? short : full)) {
      if (!names.includes(heal.name)) continue;
      const progress = showProgress(arrivals(heal).length, text);
      const run = { assembly, random: createRandom(seed), signal, progress };
      const result = await runCase(heal, run).finally(progress.stop);
      results[heal.name] = result;
      const misses = missed(result, heal.targets);
      problems += misses.length;
      text.write(report(heal.name, result, misses));
    }
    if (json) stdout.write(`${JSON.stringify(results)}\n`);
    process.exitCode = problems === 0 ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    stderr.write(`${(signal.reason as Error).message}\n`);
    process.exitCode = 130;
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
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
