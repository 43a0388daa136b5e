/** A line with its sequence number among all lines. */
export interface StoredLine extends LogLine {
  readonly number: number;
}

/** Distributes log lines, and keeps at least the last 5,000 of each function. */
export interface LogStore {
  readonly add: (line: LogLine) => void;
  /** Registers a listener for new lines; returns a function that removes it. */
  readonly listen: (listener: (line: LogLine) => void) => () => void;
  /** The stored lines of a function, oldest first. */
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

/** A line written by a function, or by Lambda on its behalf. */
export interface LogLine {
  readonly functionName: string;
  /** Each process of a function has its own stream. */
  readonly logStream: string;
  /** Undefined during initialisation. */
  readonly requestId: string | undefined;
  /** `platform`: START, END, REPORT and errors written by Lambda. */
  readonly source: 'function' | 'platform';
  readonly text: string;
  /** When the line was read; milliseconds since 1970. */
  readonly time: number;
}
