import { stderr } from '@data-aggregator/terminal';

/** An error that the user can fix. The message is a sentence, shown without a stack trace. */
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
