import { join } from 'node:path';
import { loadFunctions, type WorkspaceFunction } from '@data-aggregator/function-manifest';
import { stderr } from '@data-aggregator/terminal';

/** An error that the user of a command or generator can fix. The message is a sentence, shown without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command. A UsageError is printed and sets the exit status to 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** The folder of this workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '../../../..');

/**
 * Finds a function of the workspace by its name.
 *
 * @throws UsageError if there is none
 */
export function functionNamed(name: string, workspaceRoot = WORKSPACE_ROOT): WorkspaceFunction {
  const functions = loadFunctions(workspaceRoot);
  const found = functions.find(({ manifest }) => manifest.name === name);
  if (found === undefined) {
    const names = functions.map(({ manifest }) => manifest.name).join(', ');
    throw new UsageError(`There is no function "${name}", only ${names}.`);
  }
  return found;
}
