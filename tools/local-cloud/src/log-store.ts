import type { LogLine } from './lambda/log-line.ts';

/** Passes log lines on, and keeps the last ones of each function for the answer of Invoke. */
export interface LogStore {
  readonly add: (line: LogLine) => void;
  /** Calls back with every line from now on; returns how to stop that. */
  readonly listen: (listener: (line: LogLine) => void) => () => void;
  readonly tail: (functionName: string, requestId: string) => string;
}

const keptLines = 500;

export function createLogStore(): LogStore {
  const listeners = new Set<(line: LogLine) => void>();
  const kept = new Map<string, LogLine[]>();
  return {
    add: (line) => {
      const lines = kept.get(line.functionName) ?? [];
      lines.push(line);
      if (lines.length > 2 * keptLines) lines.splice(0, lines.length - keptLines);
      kept.set(line.functionName, lines);
      for (const listener of listeners) listener(line);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tail: (functionName, requestId) =>
      (kept.get(functionName) ?? [])
        .filter((line) => line.requestId === requestId)
        .map(({ text }) => `${text}\n`)
        .join(''),
  };
}
