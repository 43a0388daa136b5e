import { tokenize, type Tokens } from './tokens.ts';

/** Whether a metric filter matches a log line (parsed JSON). */
export type FilterPattern = (line: unknown) => boolean;

const TOKEN = /\$(?:\.[A-Za-z_][\w-]*)+|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|&&|\|\||!=|>=|<=|[=<>(){}]/;

const comparisons: Readonly<Record<string, (found: unknown, wanted: string | number) => boolean>> = {
  '=': isEqual,
  '!=': (found, wanted) => !isEqual(found, wanted),
  '>': (found, wanted) => typeof found === 'number' && found > Number(wanted),
  '<': (found, wanted) => typeof found === 'number' && found < Number(wanted),
  '>=': (found, wanted) => typeof found === 'number' && found >= Number(wanted),
  '<=': (found, wanted) => typeof found === 'number' && found <= Number(wanted),
};

/** In expected text, `*` stands for any characters. */
function isEqual(found: unknown, wanted: string | number): boolean {
  if (typeof wanted === 'number' || !wanted.includes('*')) return found === wanted;
  const pattern = wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return typeof found === 'string' && new RegExp(`^${pattern}$`, 's').test(found);
}

/**
 * Parses a JSON filter pattern: `{ ($.type = "platform.report") && ($.n > 1) }`. @throws AlarmError for any other
 * pattern
 */
export function parseFilterPattern(text: string): FilterPattern {
  const tokens = tokenize(text, TOKEN);
  tokens.expect('{');
  const pattern = either(tokens);
  tokens.expect('}');
  tokens.end();
  return pattern;
}

/** `$.record.status` → `['record', 'status']` */
export function selectorPath(selector: string): readonly string[] {
  return selector.split('.').slice(1);
}

/** Looks up a path in a document; undefined if it is missing. */
export function select(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    document,
  );
}

function either(tokens: Tokens): FilterPattern {
  let left = both(tokens);
  while (tokens.taken('||')) {
    const [one, other] = [left, both(tokens)];
    left = (line) => one(line) || other(line);
  }
  return left;
}

function both(tokens: Tokens): FilterPattern {
  let left = single(tokens);
  while (tokens.taken('&&')) {
    const [one, other] = [left, single(tokens)];
    left = (line) => one(line) && other(line);
  }
  return left;
}

function single(tokens: Tokens): FilterPattern {
  if (tokens.taken('(')) {
    const inner = either(tokens);
    tokens.expect(')');
    return inner;
  }
  const selector = tokens.take();
  if (!selector.startsWith('$.')) throw tokens.error(`unexpected "${selector}"`);
  const path = selectorPath(selector);
  const operator = tokens.take();
  const compare = comparisons[operator];
  if (!compare) throw tokens.error(`"${operator}" is not a comparison supported by the local cloud`);
  const value = tokens.take();
  const wanted = value.startsWith('"') ? value.slice(1, -1) : Number(value);
  if (Number.isNaN(wanted)) throw tokens.error(`"${value}" is not a value supported by the local cloud`);
  return (line) => compare(select(line, path), wanted);
}
