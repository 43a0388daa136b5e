import { Command, InvalidArgumentError, Option } from 'commander';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { makeTwinOf, steeredTwins, type MutantName, mutantNames } from './mutants.ts';

interface Flags {
  schedules: number;
  seed: number;
  break?: MutantName;
  steer?: MutantName;
  json?: boolean;
}

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
};

const program = new Command('simulate')
  .description(
    'Runs the batch and ledger code over simulated S3, SQS and DynamoDB, through schedules of crashes, lost answers and ' +
      'late effects, and checks after each that no file was lost or delivered twice.\n\n' +
      'Exits with 0 when every schedule kept the rules (with --break: when the broken twin was caught), else with 1.',
  )
  .option('--schedules <n>', 'schedules to run, one a seed', wholeNumber, 10_000)
  .option('--seed <n>', 'the first seed; the same seed is always the same schedule', wholeNumber, 1)
  .addOption(new Option('--break <rule>', 'run the code with one rule broken').choices(mutantNames))
  .addOption(
    new Option('--steer <rule>', 'run the unbroken code under the steering of a broken twin')
      .choices(steeredTwins)
      .conflicts('break'),
  )
  .option('--json', 'print the result as one JSON object on the last line of stdout')
  .action(run);

async function run(flags: Flags): Promise<void> {
  const result = await simulate({ ...flags, onProgress: progress(flags.schedules) });
  const { failedSeed, seconds, ...counts } = result;
  const failure = failedSeed === undefined ? undefined : await shrink(failedSeed, makeTwinOf(flags));
  const isExpected = (flags.break === undefined) === (failure === undefined);

  const say = flags.json ? console.error : console.log;
  if (failure) {
    say(failure.trace.join('\n'));
    say(`\nSeed ${failure.seed} breaks the rule "${failure.violation.rule}": ${failure.violation.detail}`);
    if (flags.break)
      say(`The twin "${flags.break}" was caught by schedule ${failure.seed - flags.seed + 1}.`);
  } else if (flags.break) {
    say(`The twin "${flags.break}" was not caught by ${counts.schedules} schedules.`);
  }
  const { schedules, files, faults, steps } = counts;
  say(`${schedules} schedules, ${files} files, ${faults} faults, ${steps} steps in ${seconds.toFixed(1)} s`);
  if (flags.json) {
    const rounded = Math.round(seconds * 10) / 10;
    console.log(
      JSON.stringify({ ...counts, seed: flags.seed, break: flags.break, seconds: rounded, failure }),
    );
  }
  process.exitCode = isExpected ? 0 : 1;
}

/** Tells on stderr how far it is: in place on a terminal, a line every ten seconds in a pipe. */
function progress(all: number): (done: number) => void {
  const { isTTY } = process.stderr;
  let last = performance.now();
  return (done) => {
    const pause = isTTY ? 200 : 10_000;
    if (performance.now() - last < pause) return;
    last = performance.now();
    process.stderr.write(`${isTTY ? '\r' : ''}${done} of ${all} schedules${isTTY ? '' : '\n'}`);
  };
}

await program.parseAsync();
