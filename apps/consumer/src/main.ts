import { constants } from 'node:os';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { runProgram } from './commands/program.ts';

/* consumer run|once|status|verify|replay: see --help. The build sets the size of the thread pool before anything uses it. */

reportUncaught();
const stopping = new AbortController();
/** The first signal ends the work in order; another one within this time is the same one, delivered by the terminal and by a parent. */
const SAME_SIGNAL_MS = 2_000;
let first: number | undefined;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (first !== undefined && performance.now() - first > SAME_SIGNAL_MS)
      process.exit(128 + constants.signals[name]);
    first ??= performance.now();
    stopping.abort(new Error(`ended by ${name}`));
  });
}
try {
  process.exitCode = await runProgram(process.argv.slice(2), {
    env: process.env,
    out: stdout,
    err: stderr,
    signal: stopping.signal,
  });
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  // A command that must finish was interrupted: what is missing is done at the next start.
  stderr.write(`${(stopping.signal.reason as Error).message}\n`);
  process.exitCode = 1;
}
// The end of the process would discard what a pipe has not taken yet.
for (const { stream } of [stdout, stderr]) await new Promise<void>((done) => stream.write('', () => done()));
// Connections that are kept alive would delay the end.
process.exit();
