import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { wholeNumber } from '@data-aggregator/pipeline-client';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { Command, Option } from 'commander';
import { AREAS, type Area } from '../mutation/areas.ts';
import { type Mutant, mutate } from '../mutation/mutate.ts';
import { isExplained, reportOf } from '../mutation/report.ts';
import { simulateSurvivors } from '../mutation/simulate-survivors.ts';
import { createTypeCheck } from '../mutation/type-check.ts';
import { copyWorkspace } from '../mutation/workspace-copy.ts';

interface Flags {
  area: Area[];
  file: string[];
  schedules: number;
  concurrency: number;
  report?: string;
  json?: boolean;
}

/** The share of mutants that must be killed, of those that a test can notice. */
const MIN_KILLED = 0.95;
const ROOT = resolve(import.meta.dirname, '../../../..');

const collect = (value: string, values: string[]) => [...values, value];

reportUncaught();
const program = new Command('mutants')
  .description(
    'Changes the code in one place after another, with Stryker, and runs the specs that reach it, then the type checker and the simulator. It works on a copy ' +
      'of the workspace and lists what no test noticed. All areas take about an hour on two cores.\n\n' +
      'Exit status: 0 if at least 95 % were killed and every survivor has a reason in src/mutation/reasons/, 1 otherwise.',
  )
  .addOption(
    new Option('--area <name>', 'mutate only this area; repeatable')
      .choices(Object.keys(AREAS))
      .argParser(collect)
      .default([]),
  )
  .option(
    '--file <glob>',
    'mutate only these files of any project, relative to the workspace; repeatable',
    collect,
    [],
  )
  .option(
    '--schedules <n>',
    'schedules of the simulator for each mutant that the specs miss, or 0 to leave it out',
    wholeNumber,
    2_000,
  )
  .option('--concurrency <n>', 'mutants tested at a time', wholeNumber, availableParallelism())
  .option('--report <file>', 'write every mutant and its fate to a JSON file')
  .option('--json', 'print the result as one JSON object on the last line of stdout')
  .action(run);

async function run(flags: Flags): Promise<void> {
  const started = performance.now();
  const report = flags.report && resolve(flags.report);
  const areas = flags.area.length > 0 ? flags.area : (Object.keys(AREAS) as Area[]);
  const globs = flags.file.length > 0 ? flags.file : areas.map((area) => AREAS[area]);

  using copy = await copyWorkspace(ROOT);
  const tested = await mutate(copy.folder, globs, flags.concurrency);
  const isRejected = createTypeCheck(ROOT);
  const checked = tested.map((mutant): Mutant =>
    mutant.fate === 'survived' && isRejected(mutant) ? { ...mutant, fate: 'killed' } : mutant,
  );
  const missed = checked.filter((mutant) => mutant.fate === 'survived' && !isExplained(mutant));
  const simulated =
    flags.schedules === 0
      ? missed
      : await simulateSurvivors(missed, copy.folder, flags.schedules, (done) => {
          if (done % 10 === 0 || done === missed.length)
            stderr.write(`${done} of ${missed.length} survivors simulated\n`);
        });
  const mutants = [...checked.filter((mutant) => !missed.includes(mutant)), ...simulated];
  if (report) await writeFile(report, `${JSON.stringify(mutants, undefined, 2)}\n`);

  const { killed, survivors, equivalent } = reportOf(mutants);
  const say = (line: string) => (flags.json ? stderr : stdout).write(`${line}\n`);
  for (const mutant of survivors) say(described(mutant));
  const seconds = Math.round((performance.now() - started) / 1000);
  say(
    `${mutants.length} mutants in ${seconds} s: ${killed} killed, ${equivalent.length} with a reason, ${survivors.length} survived.`,
  );
  if (flags.json) {
    const document = {
      mutants: mutants.length,
      killed,
      survivors: survivors.length,
      equivalent: equivalent.length,
      seconds,
    };
    stdout.write(`${JSON.stringify(document)}\n`);
  }
  const isEnough = killed >= MIN_KILLED * (mutants.length - equivalent.length);
  process.exitCode = isEnough && survivors.length === 0 ? 0 : 1;
}

function described({ file, location: { start }, original, replacement }: Mutant): string {
  const short = (code: string) => {
    const line = code.replace(/\s+/g, ' ');
    return line.length > 60 ? `${line.slice(0, 57)}...` : line;
  };
  return `${join(file)}:${start.line}:${start.column}  ${short(original)}  →  ${short(replacement)}`;
}

await program.parseAsync();
