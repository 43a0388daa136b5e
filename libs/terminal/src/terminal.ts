import { inspect } from 'node:util';
import { safeText } from './visible.ts';

/** Standard output or standard error. */
export interface Terminal {
  /** Writes text of any number of lines, with every unsafe character but line feeds and tabs escaped. */
  write(text: string): void;
  readonly isTTY: boolean;
  /** Whether to use colours: on a terminal, unless NO_COLOR is set. */
  readonly hasColour: boolean;
  /** For a library that draws on a terminal by itself, with our own text only; else use `write`. */
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

/** The result of a command. */
export const stdout: Terminal = createTerminal(process.stdout, process.env);
/** What a command says about its work. */
export const stderr: Terminal = createTerminal(process.stderr, process.env);

/**
 * Prints an uncaught error as Node does, with stack and cause, but escaped: its message may quote a key. Ends the
 * process with 1. For entry points.
 */
export function reportUncaught(): void {
  process.setUncaughtExceptionCaptureCallback((error) => {
    stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
}
