import { constants } from 'node:os';
import { resolve } from 'node:path';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { AssemblyError } from '@data-aggregator/local-cloud';
import { Failure } from '../pipeline/failure.ts';
import { parseArguments, type Request } from './arguments.ts';
import { collect } from './collect.ts';
import { installedPackages } from './installed-packages.ts';
import { checkOutside, makeOutFolder } from './out-folder.ts';
import { showProgress } from './progress.ts';
import { isGood, jsonReport, textReport } from './report.ts';
import { runFolder } from './run.ts';
import { assemblyOf } from '../workspace.ts';

/* node apps/e2e/src/folder/main.ts [folder] [--out folder] [--json]: what `npm start` does; see --help. */

const BAD_INPUT = 2;

/** A run that somebody ended. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Ends the run in order at the first signal. Ctrl-C reaches this process once from the terminal and once through the
 * scripts that started it; whoever presses it again after a while wants to go at once.
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const interrupted = new Interrupted(signal);
      if (first !== undefined && performance.now() - first > 2_000) process.exit(interrupted.exitCode);
      first ??= performance.now();
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}

async function main(request: Request, signal: AbortSignal): Promise<number> {
  const { folder, out, json, assembly } = request;
  const text = json ? stderr : stdout;
  const input = folder === undefined ? await installedPackages() : await collect(resolve(folder));
  if (folder !== undefined) await checkOutside(out, folder);
  const outFolder = await makeOutFolder(out);
  if (request.check) return 0;
  text.write(`${input.files.length.toLocaleString('en-US')} files to send\n`);
  const progress = showProgress(input.files.length, text);
  const run = { input, out: outFolder, assembly: resolve(assembly ?? assemblyOf('dev')), signal, progress };
  const outcome = await runFolder(run).finally(progress.stop);
  text.write(textReport(outcome, text.hasColour));
  if (json) stdout.write(`${jsonReport(outcome)}\n`);
  return isGood(outcome) ? 0 : 1;
}

reportUncaught();
const parsed = parseArguments(process.argv.slice(2), stdout.write);
if (parsed.kind === 'done') {
  process.exitCode = parsed.exitCode;
} else {
  const signal = interruption();
  try {
    process.exitCode = await main(parsed.request, signal);
  } catch (thrown) {
    // Whatever fails once the run is being ended fails because of that.
    const error: unknown = signal.aborted ? signal.reason : thrown;
    if (error instanceof Interrupted) process.exitCode = error.exitCode;
    else if (error instanceof Failure || error instanceof AssemblyError) process.exitCode = BAD_INPUT;
    else throw error;
    stderr.write(`${error.message}\n`);
  }
}
