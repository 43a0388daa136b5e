import { wholeNumber } from '@data-aggregator/pipeline-client';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command, Option } from 'commander';
import { createProgress } from './progress.ts';
import { shrink } from '../schedule/shrink.ts';
import { simulate } from './simulate.ts';
import { makeMutantOf, steeredMutants, type MutantName, mutantNames } from '../mutants/mutants.ts';

interface Flags {
  schedules: number;
  seed: number;
  break?: MutantName;
  steer?: MutantName;
  json?: boolean;
}

reportUncaught();
const program = new Command('simulate')
  .description(
    "Runs the functions, the consumer and the operator's commands in one simulated world, through schedules of crashes, " +
      'lost responses, late effects and power failures, and checks after each schedule that every file is on the disk of ' +
      'the consumer exactly once, or among the dead letters.\n\n' +
      'Exit status: 0 if every schedule kept the rules (with --break: if the mutant was caught), 1 otherwise.',
  )
  .option('--schedules <n>', 'number of schedules, one per seed', wholeNumber, 10_000)
  .option('--seed <n>', 'first seed; a seed always produces the same schedule', wholeNumber, 1)
  .addOption(new Option('--break <rule>', 'run a mutant: the code with one rule broken').choices(mutantNames))
  .addOption(
    new Option('--steer <rule>', 'run the real code under the steering of a mutant')
      .choices(steeredMutants)
      .conflicts('break'),
  )
  .option('--json', 'print the result as one JSON object on the last line of stdout')
  .action(run);

async function run(flags: Flags): Promise<void> {
  const progress = createProgress();
  const onProgress = (done: number) => progress(`${done} of ${flags.schedules} schedules`);
  const result = await simulate({ ...flags, onProgress });
  const { failedSeed, seconds, ...counts } = result;
  const failure = failedSeed === undefined ? undefined : await shrink(failedSeed, makeMutantOf(flags));
  const isExpected = (flags.break === undefined) === (failure === undefined);

  const say = (line: string) => (flags.json ? stderr : stdout).write(`${line}\n`);
  if (failure) {
    say(failure.trace.join('\n'));
    say(`\nSeed ${failure.seed} breaks the rule "${failure.violation.rule}": ${failure.violation.detail}`);
    if (flags.break)
      say(`The mutant "${flags.break}" was caught by schedule ${failure.seed - flags.seed + 1}.`);
  } else if (flags.break) {
    say(`The mutant "${flags.break}" was not caught by ${counts.schedules} schedules.`);
  }
  const { schedules, files, faults, steps } = counts;
  say(`${schedules} schedules, ${files} files, ${faults} faults, ${steps} steps in ${seconds.toFixed(1)} s`);
  if (flags.json) {
    const rounded = Math.round(seconds * 10) / 10;
    const violations = failure === undefined ? 0 : 1;
    const document = {
      ...counts,
      violations,
      seed: flags.seed,
      break: flags.break,
      seconds: rounded,
      failure,
    };
    stdout.write(`${JSON.stringify(document)}\n`);
  }
  process.exitCode = isExpected ? 0 : 1;
}

await program.parseAsync();
