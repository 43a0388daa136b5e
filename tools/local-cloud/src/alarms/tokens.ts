import { AlarmError } from './alarm-error.ts';

/** Reads a text token by token. */
export interface Tokens {
  /** The next token; undefined at the end. */
  readonly next: () => string | undefined;
  /** Takes the next token. */
  readonly take: () => string;
  /** Takes the next token if it equals `token`; returns whether it did. */
  readonly taken: (token: string) => boolean;
  /** Takes the next token. @throws AlarmError if it is a different one */
  readonly expect: (token: string) => void;
  /** @throws AlarmError if tokens are left */
  readonly end: () => void;
  readonly error: (reason: string) => AlarmError;
}

/**
 * Splits a text into tokens.
 *
 * @param token matches one token
 * @throws AlarmError if part of the text is not a token
 */
export function tokenize(text: string, token: RegExp): Tokens {
  const error = (reason: string) => new AlarmError(`${JSON.stringify(text)}: ${reason}`);
  const tokens: string[] = [];
  const sticky = new RegExp(token.source, 'y');
  for (let at = 0; at < text.length; at = sticky.lastIndex) {
    const space = /\s*/y;
    space.lastIndex = at;
    space.exec(text);
    sticky.lastIndex = space.lastIndex;
    if (sticky.lastIndex === text.length) break;
    const found = sticky.exec(text);
    if (!found) throw error(`"${text.slice(space.lastIndex)}" cannot be parsed by the local cloud`);
    tokens.push(found[0]);
  }
  let position = 0;
  const next = () => tokens[position];
  const take = () => {
    const found = tokens[position++];
    if (found === undefined) throw error('unexpected end');
    return found;
  };
  const taken = (wanted: string) => {
    if (next() !== wanted) return false;
    position++;
    return true;
  };
  return {
    next,
    take,
    taken,
    expect: (wanted) => {
      if (!taken(wanted)) throw error(`"${wanted}" expected before "${next() ?? 'the end'}"`);
    },
    end: () => {
      if (position < tokens.length) throw error(`unexpected "${next() ?? ''}"`);
    },
    error,
  };
}
