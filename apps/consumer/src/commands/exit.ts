/** Exit codes of all commands. */
export const exit = {
  success: 0,
  failure: 1,
  usage: 2,
  /** Completed, but something needs attention: bundles were set aside, or files are missing or damaged. */
  findings: 3,
  /** Something outside stops the work: network, disk, credentials. Try again later. */
  later: 4,
  /** Another consumer works on this inbox. */
  locked: 5,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

export const EXIT_CODES = `
Exit codes:
  0  success
  1  failure
  2  usage error
  3  completed, but something needs attention (bundles set aside, files missing or damaged)
  4  stopped by something outside (network, disk, credentials): try again later
  5  another consumer works on this inbox`;

/** An error that the user can correct. The message is a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exit.usage, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
