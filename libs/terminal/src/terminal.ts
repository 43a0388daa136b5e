import { inspect } from 'node:util';
import { safeText } from './visible.ts';

/** Standard output or standard error. */
export interface Terminal {
  /** Writes text of one or more lines. Escapes unsafe characters except line feeds and tabs. */
  write(text: string): void;
  readonly isTTY: boolean;
  /** Whether to use colours: only on a terminal, and not if NO_COLOR is set. */
  readonly hasColour: boolean;
  /** For libraries that draw on the terminal themselves, and only with our own text. Otherwise use `write`. */
  readonly stream: NodeJS.WritableStream;
}

type Stream = NodeJS.WritableStream & { isTTY?: boolean };

/** @param env `process.env` */
export function createTerminal(stream: Stream, env: Record<string, string | undefined>): Terminal {
  const isTTY = Boolean(stream.isTTY);
  return {
    write: (text) => void stream.write(safeText(text, isTTY)),
    isTTY,
    hasColour: isTTY && env['NO_COLOR'] === undefined,
    stream,
  };
}

/** For the result of a command. */
export const stdout: Terminal = createTerminal(process.stdout, process.env);
/** For progress and errors of a command. */
export const stderr: Terminal = createTerminal(process.stderr, process.env);

/**
 * Prints an uncaught error like Node, with stack and cause, but escaped, because its message can quote a key. Exits
 * with status 1. For entry points.
 */
export function reportUncaught(): void {
  process.setUncaughtExceptionCaptureCallback((error) => {
    stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
}
