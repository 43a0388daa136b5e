import { AlarmError } from '../alarms/alarm-error.ts';
import { parseFilterPattern } from '../alarms/filter-pattern.ts';

/*
 * Filter patterns for log lines, as in "Filter pattern syntax for metric filters, subscription filters, filter log
 * events, and Live Tail" (Amazon CloudWatch Logs User Guide). Patterns for space-delimited fields (`[ip, user]`) and
 * regular expressions (`%…%`) are not supported.
 */

/** `word`, `-word` or `?word`; must be quoted if it contains anything but letters, digits and `_`. */
const TERM = /^([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?:\s+|$)/;

/**
 * Parses a pattern. Terms are case-sensitive and match parts of words. All plain terms must occur, and none with `-`;
 * or any term must occur if each has `?`. A pattern in braces is for JSON. An empty pattern matches every line.
 *
 * @throws AlarmError if the pattern is invalid or not supported
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
      throw new AlarmError(
        `${JSON.stringify(text)}: the local cloud does not support "?" mixed with other terms`,
      );
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
      throw new AlarmError(`${JSON.stringify(text)}: the local cloud cannot parse "${rest}"`);
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
    return undefined; // The line starts like a document but is not one.
  }
}
