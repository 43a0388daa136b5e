import { wholeNumber } from '@data-aggregator/pipeline-client';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command, Option } from 'commander';
import { explore, type Exploration } from '../explore/explore.ts';
import { findMutants } from '../explore/find-mutants.ts';
import { worlds } from '../explore/worlds.ts';
import { mutantNames, type MutantName } from '../mutants/mutants.ts';

interface Flags {
  faults: number;
  world?: string;
  break?: MutantName;
  mutants?: boolean;
  json?: boolean;
}

/** Faults up to which all worlds are explored within five minutes on two cores. */
const FAULTS = 2;

reportUncaught();
const program = new Command('explore')
  .description(
    'Visits every state of some small worlds: two object versions, up to three builders, a reconciler and a consumer, in every order, with every ' +
      'crash and every lost or late effect at every call, up to a number of faults.\n\n' +
      'Exit status: 0 if no state breaks a rule (with --break or --mutants: if the mutants were found), 1 otherwise.',
  )
  .option('--faults <n>', 'maximum number of faults', wholeNumber, FAULTS)
  .addOption(new Option('--world <name>', 'explore one world').choices(worlds.map(({ name }) => name)))
  .addOption(
    new Option('--break <rule>', 'explore a mutant: the code with one rule broken').choices(mutantNames),
  )
  .addOption(new Option('--mutants', 'show for every mutant in which world it is found').conflicts('break'))
  .option('--json', 'print the result as one JSON object on the last line of stdout')
  .action(run);

async function run(flags: Flags): Promise<void> {
  const say = (line: string) => void (flags.json ? stderr : stdout).write(`${line}\n`);
  if (flags.mutants) {
    const mutants = await findMutants(say);
    if (flags.json) stdout.write(`${JSON.stringify({ mutants })}\n`);
    process.exitCode = mutants.every(({ isExpected }) => isExpected) ? 0 : 1;
    return;
  }
  const chosen = worlds.filter(({ name }) => flags.world === undefined || name === flags.world);
  const names = chosen.map(({ name }) => name);
  const result = await explore({ worlds: names, maxFaults: flags.faults, break: flags.break, say });
  tell(result, say);
  if (flags.json) stdout.write(`${JSON.stringify(summaryOf(result))}\n`);
  process.exitCode = result.violations.length > 0 === (flags.break !== undefined) ? 0 : 1;
}

function summaryOf({ worlds: explored, faultsBound, violations, complete, seconds }: Exploration) {
  const states = explored.reduce((sum, world) => sum + world.states, 0);
  return {
    ...{ worlds: explored.length, states, faultsBound, violations: violations.length, complete },
    bounds: Object.fromEntries(explored.map(({ world, faultsBound: bound }) => [world, bound])),
    seconds: Math.round(seconds * 10) / 10,
  };
}

function tell(result: Exploration, say: (line: string) => void): void {
  for (const { world, faults, violation, trace } of result.violations) {
    say(`\nIn the world "${world}", ${faults} faults lead to this:\n`);
    for (const line of trace) say(`  ${line}`);
    say(`\n  breaks the rule "${violation.rule}": ${violation.detail}`);
  }
  const { worlds: count, states, faultsBound, violations, seconds } = summaryOf(result);
  say(
    `\n${count} worlds, ${states} states, up to ${faultsBound} faults; ${violations} violations; ${seconds} s`,
  );
}

await program.parseAsync();
