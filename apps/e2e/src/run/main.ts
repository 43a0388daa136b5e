import { basename } from 'node:path';
import { stdout } from '@data-aggregator/terminal';
import { runProgram, showProgress } from '@data-aggregator/pipeline-client';
import { parseArguments, type Request } from './arguments.ts';
import { execute } from './execute.ts';
import { writeJunit } from './junit.ts';
import { isGood, textReport } from './report.ts';
import { readScenario, type Scenario } from './scenario.ts';

/* node apps/e2e/src/run/main.ts --config <file>: what `nx run e2e:run` runs; see --help. */

async function main({ configs, without, target, verbose }: Request, signal: AbortSignal): Promise<number> {
  // Read all files first, so that a mistake in the last one shows at once.
  const scenarios = configs
    .map((file) => ({ name: basename(file, '.json'), scenario: readScenario(file) }))
    .filter(({ scenario: { tags } }) => without === undefined || !tags.includes(without));
  let good = 0;
  for (const { name, scenario } of scenarios) {
    if (await runOne(name, { ...scenario, verbose: verbose || scenario.verbose })) good++;
  }
  if (scenarios.length !== 1) stdout.write(`${good} of ${scenarios.length} scenarios passed\n`);
  return good === scenarios.length && good > 0 ? 0 : 1;

  async function runOne(name: string, scenario: Scenario): Promise<boolean> {
    const { description, report_file: report } = scenario;
    stdout.write(`\n${name}${description === '' ? '' : ` — ${description}`}\n`);
    const { phase, update, note, stop } = showProgress(scenario.num_files, stdout);
    const progress = {
      phase,
      update,
      detail: (text: string) => {
        if (scenario.verbose) note(text);
      },
    };
    const outcome = await execute({ name, scenario, target, signal, progress }).finally(stop);
    if (report) writeJunit(report, outcome);
    stdout.write(textReport(outcome, stdout.hasColour));
    return isGood(outcome);
  }
}

await runProgram(async (signal) => {
  const parsed = parseArguments(process.argv.slice(2), stdout.write);
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});
