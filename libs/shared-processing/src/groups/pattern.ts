/*
 * Patterns that extract a group from a key. Keys are hostile, and a pattern such as `^(a+)+b` takes exponential time on some of them. So
 * only regular expressions are accepted that match every key in linear time:
 *
 *     pattern      ^ item* $?                       one capture group, `(item* | item* | …)`, somewhere in it
 *     item         character repetition?
 *     character    a   \.   \d \D \w \W   .   [a-z0-9_]   [^/]
 *     repetition   ?   *   +   {2}   {2,}   {2,4}
 *
 * where a repetition ends by itself: what can follow it never matches a character that it repeats. Then giving back a character, which is
 * how a regular expression backtracks, fails at the next one.
 */

/** The pattern is not accepted. The message says what was expected. */
export class GroupPatternError extends Error {
  override readonly name = 'GroupPatternError';
}

/** Maximum length of a pattern in UTF-16 code units. */
const MAX_LENGTH = 256;
const MAX_REPETITIONS = 1_024;

const ESCAPE = String.raw`\\[dDwW\^$\\.*+?()[\]{}|/\-]`;
const CHARACTER = new RegExp(
  String.raw`(?:${ESCAPE}|\[\^?(?:${ESCAPE}|[^\\\[\]])+\]|[^\\^$*+?()[\]{}|])`,
  'uy',
);
const REPETITION = /[?*+]|\{(\d{1,4})(,(\d{1,4})?)?\}/y;

interface Item {
  character: string;
  /** With its repetition. */
  source: string;
  isOptional: boolean;
  /** Whether the number of repetitions depends on the key. */
  varies: boolean;
}

/** Alternatives, each a sequence of items. Outside the capture group there is one. */
type Alternatives = Item[][];

/**
 * Compiles a pattern with exactly one capture group.
 *
 * @throws GroupPatternError
 */
export function compileGroupPattern(source: string): RegExp {
  if (source.length > MAX_LENGTH)
    throw new GroupPatternError(`a pattern of at most ${MAX_LENGTH} characters`);
  const parts = parse(source);
  const compiled = compile(source);
  const samples = samplesOf(source);
  parts.forEach((alternatives, index) => {
    for (const items of alternatives) checkRepetitions(items, parts.slice(index + 1), samples);
  });
  return compiled;
}

/** The pattern as three parts: before the capture group, its alternatives, and after it. */
function parse(source: string): Alternatives[] {
  if (!source.startsWith('^')) throw new GroupPatternError('a pattern that begins with ^');
  const parts: Alternatives[] = [[[]]];
  for (let at = 1; at < source.length; at++) {
    const next = source[at];
    if (next === '$' && at === source.length - 1) break;
    const isInside = parts.length === 2;
    if (next === '(') {
      if (parts.length > 1) throw new GroupPatternError('a pattern with exactly one capture group');
      parts.push([[]]);
    } else if (next === ')' && isInside) {
      parts.push([[]]);
    } else if (next === '|' && isInside) {
      parts.at(-1)?.push([]);
    } else {
      const item = itemAt(source, at);
      parts.at(-1)?.at(-1)?.push(item);
      at += item.source.length - 1;
    }
  }
  if (parts.length !== 3) throw new GroupPatternError('a pattern with exactly one capture group');
  return parts;
}

function itemAt(source: string, at: number): Item {
  const character = matchAt(CHARACTER, source, at)?.[0];
  if (character === undefined) {
    throw new GroupPatternError(
      `a pattern of characters, classes, repetitions and one capture group, but ${JSON.stringify(source.slice(at, at + 8))} is none of them`,
    );
  }
  const repetition = matchAt(REPETITION, source, at + character.length);
  const [text = '', min, range, max] = repetition ?? [];
  if (Number(min ?? 0) > MAX_REPETITIONS || Number(max ?? 0) > MAX_REPETITIONS) {
    throw new GroupPatternError(`a pattern with at most ${MAX_REPETITIONS} repetitions of a character`);
  }
  return {
    character,
    source: character + text,
    isOptional: text === '?' || text === '*' || Number(min) === 0,
    varies: text !== '' && (min === undefined || range !== undefined),
  };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Checks that every repetition in a sequence ends by itself, whatever follows it there and in the later parts. */
function checkRepetitions(
  items: readonly Item[],
  later: readonly Alternatives[],
  samples: readonly string[],
): void {
  items.forEach((item, index) => {
    if (!item.varies) return;
    const repeated = samples.filter(matcherOf(item));
    for (const next of firstItems([[items.slice(index + 1)], ...later])) {
      const both = repeated.find(matcherOf(next));
      if (both === undefined) continue;
      throw new GroupPatternError(
        `a pattern whose repetitions end by themselves, but both ${item.source} and ${next.source} after it match ${JSON.stringify(both)}`,
      );
    }
  });
}

/** The items that can match the next character. */
function firstItems(parts: readonly Alternatives[]): Item[] {
  const first: Item[] = [];
  for (const alternatives of parts) {
    let canBeEmpty = false;
    for (const items of alternatives) {
      const end = items.findIndex(({ isOptional }) => !isOptional);
      first.push(...items.slice(0, end === -1 ? undefined : end + 1));
      canBeEmpty ||= end === -1;
    }
    if (!canBeEmpty) break;
  }
  return first;
}

/**
 * Characters such that two classes of the pattern have one of these in common if they have any character in common: classes are made of
 * ranges, and the first common character is at an end of a range, or next to one.
 */
function samplesOf(source: string): string[] {
  const ascii = Array.from({ length: 128 }, (_, code) => code);
  const ends = [...source].flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    return [code - 1, code, code + 1];
  });
  const codes = new Set([...ascii, ...ends, 0x10_ffff]);
  return [...codes].filter((code) => code <= 0x10_ffff).map((code) => String.fromCodePoint(code));
}

function matcherOf({ character }: Item): (text: string) => boolean {
  const pattern = compile(`^${character}$`);
  return (text) => pattern.test(text);
}

/** `.` matches every character: keys may contain line breaks. */
function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'us');
  } catch (cause) {
    throw new GroupPatternError(`a regular expression, but ${(cause as Error).message}`, { cause });
  }
}
