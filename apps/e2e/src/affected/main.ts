import { constants } from 'node:os';
import { stderr, stdout } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { Failure } from '../pipeline/failure.ts';
import { workspaceRoot } from '../workspace.ts';
import { changes } from './changes.ts';
import { cloneWorkspace } from './clone.ts';
import { mistakes } from './judge.ts';
import { make, reachOf } from './reach.ts';
import { type Row, table } from './table.ts';

/* node apps/e2e/src/affected/main.ts [--json]: what `nx run e2e:affected` does; see --help. */

await new Command('affected')
  .description(
    'Makes one change after the other in a clone of the last commit, and shows how far each reaches: projects that Nx ' +
      'counts as affected, tests that run, artifacts with other bytes, functions and stacks that would be deployed.\n\n' +
      'Exits with 0 where every change reaches as far as it should and no further, else with 1.',
  )
  .option('--json', 'print the rows as one JSON object on the last line of stdout', false)
  .action(main)
  .parseAsync();

async function main({ json }: { json: boolean }): Promise<void> {
  const controller = new AbortController();
  let exitCode = 1;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      exitCode = 128 + constants.signals[name];
      controller.abort(new Failure(`Ended by ${name}.`));
    });
  }
  try {
    const rows = await measure(controller.signal);
    const text = json ? stderr : stdout;
    text.write(table(rows, text.hasColour));
    if (json) stdout.write(`${JSON.stringify({ rows })}\n`);
    process.exitCode = rows.every((row) => row.mistakes.length === 0) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = exitCode;
  }
}

async function measure(signal: AbortSignal): Promise<Row[]> {
  progress('cloning the last commit, and building all of it');
  using clone = await cloneWorkspace(workspaceRoot, signal);
  const before = await make(clone);
  const functions = await clone.functions();
  const rows: Row[] = [];
  for (const [index, { title, apply, expects }] of changes.entries()) {
    progress(`${index + 1} of ${changes.length}: ${title}`);
    await apply(clone);
    const reach = await reachOf(clone, before);
    rows.push({ change: title, reach, mistakes: mistakes(reach, expects(functions)) });
    await clone.restore();
  }
  return rows;
}

function progress(line: string): void {
  stderr.write(`${line}\n`);
}
