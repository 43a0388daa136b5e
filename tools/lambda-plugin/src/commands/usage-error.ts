import { stderr } from '@data-aggregator/terminal';

/** Something that whoever typed the command can put right. The message is a sentence, shown without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command; what the user can put right is printed as a sentence and ends the process with status 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
