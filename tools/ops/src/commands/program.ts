import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { ManifestError } from '@data-aggregator/shared-processing/manifest';
import { visible } from '@data-aggregator/terminal';
import { Command, CommanderError } from 'commander';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { backfillCommand } from './backfill.ts';
import { findCommand } from './find.ts';
import { probeCommand } from './probe.ts';
import { quarantineCommand } from './quarantine.ts';
import { reconcileCommand } from './reconcile.ts';
import { replayCommand } from './replay.ts';
import type { Act, Surroundings } from './context.ts';
import { verifyCommand } from './verify.ts';

/**
 * Runs one command.
 *
 * @param words the arguments after the program's name, such as `find`, `a/b.txt`, `--json`
 * @returns the exit status of the process
 * @throws errors that an operator cannot fix
 */
export async function runOps(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  let code: ExitCode = exit.success;
  const act: Act = async (work) => {
    code = await work(around);
  };
  const program = new Command('ops').description('Operator commands.');
  const commands = [
    quarantineCommand,
    replayCommand,
    reconcileCommand,
    backfillCommand,
    findCommand,
    verifyCommand,
    probeCommand,
  ];
  for (const command of commands) program.addCommand(command(act));
  redirect(program, around);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.success : exit.usage;
    if (error instanceof OpsError) {
      around.err(`${visible(error.message)}\n`);
      return error.code;
    }
    if (!isSentence(error)) throw error;
    around.err(`${visible(error.message)}.\n`);
    return exit.failure;
  }
}

/** Whether an error's message is enough: one from a service, a manifest or the file system. */
function isSentence(error: unknown): error is Error {
  return (
    error instanceof CallError ||
    error instanceof SystemFault ||
    error instanceof ManifestError ||
    (error instanceof Error && 'syscall' in error)
  );
}

/** Makes commands throw instead of ending the process, and write to the given outputs. */
function redirect(command: Command, { out, err }: Surroundings): void {
  command.exitOverride().configureOutput({ writeOut: out, writeErr: err });
  for (const sub of command.commands) redirect(sub, { out, err, env: {} });
}
