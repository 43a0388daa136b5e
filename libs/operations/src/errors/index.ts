/** Exit statuses of the commands. */
export const exit = {
  success: 0,
  failure: 1,
  usage: 2,
  /** The command completed, and found something wrong. */
  findings: 3,
  /** The command did what is possible now; try again later. */
  later: 4,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** For help texts. */
export const EXIT_CODES = `
Exit status: 0 success, 1 failure, 2 usage error, 3 completed with findings,
4 try again later.`;

/** An error that the user can correct. Its message is one sentence, shown without a stack trace. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exit.failure, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
