import { inline, renderBlock } from './render.ts';
import type { Block } from './simplify.ts';

/** The differences between two environments: `path: from → to`, `- path: from` and `+ path: to`, by block. */
export function differences(from: readonly Block[], to: readonly Block[]): string {
  const name = ({ stack, title }: Block) => `${stack}/${title}`;
  const before = new Map(from.map((block) => [name(block), block]));
  const after = new Map(to.map((block) => [name(block), block]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .flatMap((key) => blockDifferences(key, before.get(key), after.get(key)))
    .join('\n');
}

function blockDifferences(key: string, from: Block | undefined, to: Block | undefined): string[] {
  if (to === undefined) return [`- ${key}`];
  if (from === undefined) return [`+ ${to.stack}/${renderBlock(to)}`];
  const lines = compare('', from.content, to.content);
  return lines.length === 0 ? [] : [key, ...lines.map((line) => `  ${line}`)];
}

function compare(path: string, from: unknown, to: unknown): string[] {
  if (inline(from) === inline(to)) return [];
  if (from === undefined) return [`+ ${path}: ${inline(to)}`];
  if (to === undefined) return [`- ${path}: ${inline(from)}`];
  if (Array.isArray(from) && Array.isArray(to)) return compareLists(path, from, to);
  if (isObject(from) && isObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => compare(path === '' ? key : `${path}.${key}`, from[key], to[key]));
  }
  return [`${path}: ${inline(from)} → ${inline(to)}`];
}

/** Compares items in pairs, between those that both lists begin and end with. */
function compareLists(path: string, from: readonly unknown[], to: readonly unknown[]): string[] {
  const same = (a: number, b: number) => inline(from.at(a)) === inline(to.at(b));
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && same(start, start)) start++;
  let end = 0;
  while (end < shorter - start && same(-1 - end, -1 - end)) end++;
  const length = Math.max(from.length, to.length) - start - end;
  return Array.from({ length }, (_, index) => start + index).flatMap((index) =>
    compare(
      `${path}[${index}]`,
      index < from.length - end ? from[index] : undefined,
      index < to.length - end ? to[index] : undefined,
    ),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
