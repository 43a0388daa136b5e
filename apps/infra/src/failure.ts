import { stderr } from '@data-aggregator/terminal';

/** Something the user can put right. The message is one sentence; it is shown without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Runs a program's work; a mistake of its user ends it with its sentence and the exit code 1. */
export async function reportFailure(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isForUser(error)) throw error;
    stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** A failure of ours, a manifest that is not one, or a broken rule, of which CDK has said what, where and what to do. */
function isForUser(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (error instanceof Failure || error.name === 'FunctionManifestError' || error.name === 'ValidationFailed')
  );
}
