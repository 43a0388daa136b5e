/** A member's body was not what its entry says: it ended early, ran over or failed (`cause`). The member is at fault, not the bundle. */
export class MemberBodyError extends Error {
  override readonly name = 'MemberBodyError';
  /** The member's name in the bundle. */
  readonly entryName: string;
  /** Bytes that the entry declared. */
  readonly expectedBytes: number;
  /** Bytes that came before the body ended, ran over or failed. */
  readonly actualBytes: number;

  constructor(entry: { name: string; size: number }, actualBytes: number, options?: ErrorOptions) {
    const what = options?.cause === undefined ? 'has' : 'failed after';
    super(
      `the body of ${JSON.stringify(entry.name)} ${what} ${actualBytes} bytes where ${entry.size} were declared`,
      options,
    );
    this.entryName = entry.name;
    this.expectedBytes = entry.size;
    this.actualBytes = actualBytes;
  }
}
