/** What a command ends with. */
export const exit = {
  well: 0,
  /** It could not do its work. */
  failed: 1,
  /** It was not understood. */
  usage: 2,
  /** It did its work, and what it found is not as it should be. */
  wrong: 3,
  /** It did what can be done now; there is more to do later. */
  later: 4,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** The table of codes, for help texts. */
export const EXIT_CODES = `
Exit status: 0 well, 1 failed, 2 not understood, 3 done, and not all is as it should be, 4 come back later.`;

/** Something that whoever typed the command can put right. The message is a sentence, shown without a stack trace. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exit.failed, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
