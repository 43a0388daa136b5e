import { basename } from 'node:path';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { AssemblyError } from '@data-aggregator/local-cloud';
import { showProgress } from '../folder/progress.ts';
import { Failure } from '../pipeline/failure.ts';
import { parseArguments, type Request } from './arguments.ts';
import { execute } from './execute.ts';
import { writeJunit } from './junit.ts';
import { isGood, textReport } from './report.ts';
import { readScenario, type Scenario } from './scenario.ts';

/* node apps/e2e/src/run/main.ts --config <file>: what `nx run e2e:run` does; see --help. */

const BAD_INPUT = 2;
const INTERRUPTED = 130;

async function main({ configs, without, target, verbose }: Request, signal: AbortSignal): Promise<number> {
  // All are read before one is run: a mistake in the last shows at once.
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

reportUncaught();
const parsed = parseArguments(process.argv.slice(2), stdout.write);
if (parsed.kind === 'done') {
  process.exitCode = parsed.exitCode;
} else {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Failure(`Ended by ${name}.`)));
  const { signal } = controller;
  try {
    process.exitCode = await main(parsed.request, signal);
  } catch (thrown) {
    // Whatever fails once the run is being ended fails because of that.
    const error: unknown = signal.aborted ? signal.reason : thrown;
    if (!(error instanceof Failure || error instanceof AssemblyError)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = signal.aborted ? INTERRUPTED : BAD_INPUT;
  }
}
