import type { MutantResult } from '@stryker-mutator/api/core';

/** Lines and columns from 1, as Stryker reports them. */
type Location = MutantResult['location'];
type Position = Location['start'];

/** Where the position is in the text, in UTF-16 code units. */
function offsetOf(text: string, { line, column }: Position): number {
  let offset = 0;
  for (let at = 1; at < line; at++) offset = text.indexOf('\n', offset) + 1;
  return offset + column - 1;
}

export function sliceOf(text: string, { start, end }: Location): string {
  return text.slice(offsetOf(text, start), offsetOf(text, end));
}

/** The text with `replacement` in place of what is at the location. */
export function replaceAt(text: string, { start, end }: Location, replacement: string): string {
  return text.slice(0, offsetOf(text, start)) + replacement + text.slice(offsetOf(text, end));
}

export function lineAt(text: string, line: number): string {
  return (text.split('\n')[line - 1] ?? '').trim();
}
