import { stderr, stdout } from '@data-aggregator/terminal';
import { parseCommandLine, runProgram } from '@data-aggregator/pipeline-client';
import { workspaceRoot } from '../workspace.ts';
import { changes } from './changes.ts';
import { cloneWorkspace } from './clone.ts';
import { mistakes } from './judge.ts';
import { make, reachOf } from './reach.ts';
import { type Row, table } from './table.ts';

/* node apps/e2e/src/affected/main.ts [--json]: what `nx run e2e:affected` runs; see --help. */

interface Flags {
  json: boolean;
}

await runProgram(async (signal) => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('affected')
      .description(
        'Makes one change after another in a clone of the last commit, and shows how far each reaches: projects that Nx ' +
          'counts as affected, tests that run, artifacts with other bytes, functions and stacks that would be deployed.\n\n' +
          'Exit code: 0 if every change reaches exactly as far as expected, 1 otherwise, 2 for invalid options.',
      )
      .option('--json', 'print the rows as JSON on the last line of standard output', false)
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
}, 1);

async function main({ json }: Flags, signal: AbortSignal): Promise<number> {
  const rows = await measure(signal);
  const text = json ? stderr : stdout;
  text.write(table(rows, text.hasColour));
  if (json) stdout.write(`${JSON.stringify({ rows })}\n`);
  return rows.every((row) => row.mistakes.length === 0) ? 0 : 1;
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
