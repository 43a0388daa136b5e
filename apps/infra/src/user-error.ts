import { stderr } from '@data-aggregator/terminal';

/** An error that the user can fix. The message is one sentence, shown without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Runs a program. An error that the user can fix prints its message and sets exit code 1; any other error is thrown. */
export async function reportFailure(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isForUser(error)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** A UserError, an invalid function.json, a load that nothing carries, or a violated rule, for which CDK has already printed rule, resource and fix. */
function isForUser(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (error instanceof UserError ||
      error.name === 'FunctionManifestError' ||
      error.name === 'CapacityError' ||
      error.name === 'ValidationFailed')
  );
}
