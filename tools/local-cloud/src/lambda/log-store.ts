/** A line with its place among all lines: later ones have greater numbers. */
export interface StoredLine extends LogLine {
  readonly number: number;
}

/** Passes log lines on, and keeps the last 5,000 or more of each function. */
export interface LogStore {
  readonly add: (line: LogLine) => void;
  /** Calls back with every line from now on; returns how to stop that. */
  readonly listen: (listener: (line: LogLine) => void) => () => void;
  /** The kept lines of a function, in order. */
  readonly lines: (functionName: string) => readonly StoredLine[];
  readonly tail: (functionName: string, requestId: string) => string;
}

const keptLines = 5_000;

export function createLogStore(): LogStore {
  const listeners = new Set<(line: LogLine) => void>();
  const kept = new Map<string, StoredLine[]>();
  let count = 0;
  return {
    add: (line) => {
      const lines = kept.get(line.functionName) ?? [];
      lines.push({ ...line, number: count++ });
      if (lines.length > 2 * keptLines) lines.splice(0, lines.length - keptLines);
      kept.set(line.functionName, lines);
      for (const listener of listeners) listener(line);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lines: (functionName) => kept.get(functionName) ?? [],
    tail: (functionName, requestId) =>
      (kept.get(functionName) ?? [])
        .filter((line) => line.requestId === requestId)
        .map(({ text }) => `${text}\n`)
        .join(''),
  };
}

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
