import { inspect } from 'node:util';
import { escaped, UNSAFE } from './visible.ts';

export { visible } from './visible.ts';

/** A colour or other text attribute (SGR): the only escape sequences in our own output. */
// eslint-disable-next-line no-control-regex -- exactly this is meant
const RENDITION = /(\u001b\[[\d;]*m)/;

/**
 * Escapes text of one or more lines: unsafe characters except line feeds and tabs become `\uXXXX`.
 *
 * @param keepRenditions whether to keep colours
 */
export function safeText(text: string, keepRenditions: boolean): string {
  const safe = (part: string) =>
    part.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
  if (!keepRenditions) return safe(text);
  return text
    .split(RENDITION)
    .map((part, index) => (index % 2 === 1 ? part : safe(part)))
    .join('');
}

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

/** Statuses from here on are 128 plus the number of the signal that ended a command. */
const MIN_SIGNAL_STATUS = 129;

/**
 * Handles the errors that no other code handles. For entry points, once per process.
 *
 * An uncaught error is printed like Node does, with stack and cause, but escaped, because its message can quote a key. The
 * exit status is 1.
 *
 * A closed pipe (`| head`), a full disk or a lost terminal does not end a command, which may have work to finish or
 * resources to give back. If standard output fails, which carries the result, the exit status is 1, unless a signal ended
 * the command. Standard error only loses its text.
 */
export function reportUncaught(): void {
  process.setUncaughtExceptionCaptureCallback((error) => {
    stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  });
  process.stderr.on('error', () => undefined);
  let isLost = false;
  process.stdout.on('error', ({ message }: Error) => {
    // Each further write fails as well.
    if (isLost) return;
    isLost = true;
    stderr.write(`Not all of the result was written: ${message}\n`);
    process.on('exit', (status) => {
      if (status < MIN_SIGNAL_STATUS) process.exitCode = 1;
    });
  });
}
