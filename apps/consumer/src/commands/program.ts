import { CallError } from '@data-aggregator/shared-processing/errors';
import { type Terminal, visible } from '@data-aggregator/terminal';
import { Command, CommanderError } from 'commander';
import { ADVICE, conditionOf } from '../bundle/condition.ts';
import { InboxLocked } from '../inbox/lock.ts';
import { exit, EXIT_CODES, type ExitCode, UsageError } from './exit.ts';
import { type CommandContext, once, replay, run } from './run.ts';
import { type Flags, loadEnvFile, readSettings } from './settings.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';

/** The process around the program. */
export interface Surroundings {
  /** `process.env`; variables of `--env-file` are added to it. */
  env: Record<string, string | undefined>;
  out: Terminal;
  err: Terminal;
  /** Aborts when the program must end. */
  signal: AbortSignal;
}

type Options = Flags & { envFile?: string; json?: true };

/**
 * Runs one command.
 *
 * @param words the arguments after the program's name
 * @throws errors that a user cannot correct
 */
export async function runProgram(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  const { env, out, signal } = around;
  let code: ExitCode = exit.success;
  const acting = (work: (context: CommandContext) => Promise<ExitCode>) => async (options: Options) => {
    if (options.envFile !== undefined) loadEnvFile(options.envFile, env);
    const settings = readSettings(options, env);
    code = await work({ settings, output: out, json: options.json === true, signal });
  };
  const program = new Command('consumer')
    .description('Puts every file of every bundle on disk, verified, exactly once.')
    .addHelpText('after', EXIT_CODES);
  withWork(
    program
      .command('run')
      .description('Work until stopped: download, verify and extract bundles, then delete them.'),
  ).action(acting(run));
  withWork(program.command('once').description('Process the bundles that are waiting, then exit.')).action(
    acting(once),
  );
  withConnection(
    program
      .command('status')
      .description('Show what was done, what is waiting, and how far behind the consumer is.'),
  ).action(acting(status));
  program
    .command('verify')
    .description('Compare every file on disk with its receipt. Works offline.')
    .argument('<dir>', 'the target folder')
    .option('--allow-missing', 'do not report files that were moved away', false)
    .option('--json', 'print JSON lines', false)
    .addHelpText('after', EXIT_CODES)
    .action(async (dir: string, options: { allowMissing: boolean; json: boolean }) => {
      code = await verify(dir, options, out, signal);
    });
  withWork(
    program
      .command('replay')
      .description('Process one bundle again, deliberately: one that was set aside, or was delivered before.')
      .argument('<bundle>', 'its key in the distribution bucket'),
  ).action((key: string, options: Options) => acting((context) => replay(context, key))(options));
  redirect(program, around);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, around);
  }
}

function withConnection(command: Command): Command {
  return command
    .option('--to <dir>', 'target folder (TO)')
    .option('--env-file <file>', 'file with variables, such as DISTRIBUTION_BUCKET=…')
    .option('--json', 'print JSON lines even on a terminal')
    .addHelpText('after', EXIT_CODES);
}

function withWork(command: Command): Command {
  return withConnection(command)
    .option('--layout <layout>', 'bundle: a folder for each bundle; tree: one tree (LAYOUT)')
    .option('--exec <command>', 'run after each bundle (EXEC)')
    .option('--parallel <n>', 'bundles at the same time (PARALLEL)')
    .option('--metrics-port <port>', 'serve Prometheus metrics on 127.0.0.1 (METRICS_PORT)');
}

/** Makes commands throw instead of ending the process, and write to the given outputs. */
function redirect(command: Command, around: Surroundings): void {
  command.exitOverride().configureOutput({ writeOut: around.out.write, writeErr: around.err.write });
  for (const sub of command.commands) redirect(sub, around);
}

/** The exit code for an error, after a sentence about it. @throws the error if it has no such sentence; the signal's reason */
function codeOf(error: unknown, { err, signal }: Surroundings): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.success : exit.usage;
  const say = (sentence: string) => err.write(`${visible(sentence)}\n`);
  if (error instanceof UsageError) {
    say(error.message);
    return error.code;
  }
  if (error instanceof InboxLocked) {
    say(error.message);
    return exit.locked;
  }
  // A request that was aborted looks like one that got no response.
  signal.throwIfAborted();
  const condition = conditionOf(error) ?? (error instanceof CallError ? 'refused' : undefined);
  if (condition === undefined) throw error;
  say(`${(error as Error).message}. ${ADVICE[condition]}`);
  return exit.later;
}
