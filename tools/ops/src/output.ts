import { visible } from '@data-aggregator/terminal';
import Table from 'cli-table3';

/** Where a command writes. */
export interface Output {
  /** Writes the result: the document as JSON, or the text. */
  result(document: unknown, text: () => string): void;
  /** Writes a progress note to standard error; never part of the result. */
  note(sentence: string): void;
}

/** @param json whether to write results as JSON */
export function createOutput(
  json: boolean,
  streams: { out: (text: string) => void; err: (text: string) => void },
): Output {
  return {
    result: (document, text) => streams.out(json ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`),
    note: (sentence) => streams.err(`${sentence}\n`),
  };
}

/** Formats a table without lines. */
export function table(head: string[], rows: readonly (string | number)[][]): string {
  const none = '';
  const chars = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((name) => [name, none]),
  );
  const made = new Table({
    head,
    chars: { ...chars, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => row.map((cell) => visible(String(cell)))));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `1 bundle`, `2 bundles`. */
export function counted(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

/** Formats a number of bytes, such as `1.0 KB`. */
export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
