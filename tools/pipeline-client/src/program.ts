import { constants } from 'node:os';
import { reportUncaught, stderr } from '@data-aggregator/terminal';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** The input is unusable, or the run cannot continue. The message is one sentence for a person. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The run was ended by a signal. */
class Interrupted extends Failure {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const BAD_INPUT = 2;
/** A second Ctrl-C within this time is the same one, passed on by a parent process. */
const SAME_SIGNAL_MS = 2_000;

/**
 * Runs a command and sets the exit code of this process: the result of `main`; `failureCode` after a `Failure`; 128 plus
 * the number of the signal, after SIGINT, SIGTERM or SIGHUP. Other errors are printed with their stack.
 *
 * The first signal aborts `main` through its `signal`, so that it can clean up. A terminal and a parent process both deliver
 * Ctrl-C, so only a signal that arrives later than that ends the process at once.
 */
export async function runProgram(
  main: (signal: AbortSignal) => Promise<number>,
  failureCode = BAD_INPUT,
): Promise<void> {
  reportUncaught();
  const signal = abortOnSignals();
  try {
    process.exitCode = await main(signal);
  } catch (thrown) {
    // After a signal, errors are a consequence of it.
    const error: unknown = signal.aborted ? signal.reason : thrown;
    if (error instanceof Interrupted) process.exitCode = error.exitCode;
    else if (error instanceof Failure) process.exitCode = failureCode;
    else throw error;
    stderr.write(`${error.message}\n`);
  }
}

function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const interrupted = new Interrupted(name);
      if (first !== undefined && performance.now() - first > SAME_SIGNAL_MS)
        process.exit(interrupted.exitCode);
      first ??= performance.now();
      controller.abort(interrupted);
    });
  }
  return controller.signal;
}

/** A command line after parsing. */
export type Parsed<Request> =
  | { kind: 'request'; request: Request }
  /** Nothing to do: help or a usage error was printed. */
  | { kind: 'done'; exitCode: number };

/**
 * Parses a command line without ending the process.
 *
 * @param args without Node and the script
 * @param write prints help and usage errors
 * @param declare describes the command; its action calls `accept`
 */
export function parseCommandLine<Request>(
  args: readonly string[],
  write: (text: string) => void,
  declare: (command: Command, accept: (request: Request) => void) => void,
): Parsed<Request> {
  let request: { value: Request } | undefined;
  const command = new Command()
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  declare(command, (value) => (request = { value }));
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done', exitCode: error.exitCode === 0 ? 0 : BAD_INPUT };
  }
  return request ? { kind: 'request', request: request.value } : { kind: 'done', exitCode: BAD_INPUT };
}

/** Parses the number of an option. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
}
