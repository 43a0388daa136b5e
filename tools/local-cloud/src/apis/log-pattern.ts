import { AlarmError } from '../alarms/model.ts';
import { parseFilterPattern } from '../alarms/filter-pattern.ts';

/*
 * Filter patterns over log lines, by "Filter pattern syntax for metric filters, subscription filters, filter log events,
 * and Live Tail" (Amazon CloudWatch Logs User Guide). Patterns for space-delimited fields (`[ip, user]`) and regular
 * expressions (`%…%`) are not evaluated here.
 */

/** `word`, `-word` or `?word`; quoted where it holds anything but letters, digits and `_`. */
const TERM = /^([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?:\s+|$)/;

/**
 * Parses a pattern. Terms are case-sensitive and may be part of a word: all of them have to occur, none with `-`, or
 * any of them where each has `?`. A pattern in braces is for JSON; an empty one matches everything.
 *
 * @throws AlarmError for a pattern that is wrong or not evaluated here
 */
export function parseLogPattern(pattern: string): (line: string) => boolean {
  const text = pattern.trim();
  if (text.startsWith('{')) {
    const matches = parseFilterPattern(text);
    return (line) => {
      const document = documentOf(line);
      return document !== undefined && matches(document);
    };
  }
  const terms = termsOf(text);
  const optional = terms.filter(({ sign }) => sign === '?');
  if (optional.length > 0) {
    if (optional.length < terms.length) {
      throw new AlarmError(`${JSON.stringify(text)}: the local cloud does not mix "?" with other terms`);
    }
    return (line) => terms.some(({ word }) => line.includes(word));
  }
  return (line) => terms.every(({ sign, word }) => line.includes(word) === (sign === ''));
}

function termsOf(text: string): { sign: string; word: string }[] {
  const terms: { sign: string; word: string }[] = [];
  for (let rest = text; rest !== '';) {
    const [whole, sign = '', quoted, plain = ''] = TERM.exec(rest) ?? [];
    if (whole === undefined) {
      throw new AlarmError(`${JSON.stringify(text)}: the local cloud does not understand "${rest}"`);
    }
    terms.push({ sign, word: quoted?.replaceAll(/\\(.)/g, '$1') ?? plain });
    rest = rest.slice(whole.length);
  }
  return terms;
}

function documentOf(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // A line that merely begins like a document.
  }
}
