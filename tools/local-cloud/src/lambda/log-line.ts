/** One line that a function, or Lambda on its behalf, wrote. */
export interface LogLine {
  readonly functionName: string;
  /** Each process of a function has its own. */
  readonly logStream: string;
  /** Undefined while the function initialises. */
  readonly requestId: string | undefined;
  /** `platform`: START, END, REPORT and errors, as Lambda writes them. */
  readonly source: 'function' | 'platform';
  readonly text: string;
  /** Milliseconds since 1970 at which the line was read. */
  readonly time: number;
}
