import type { Block } from './simplify.ts';

/** Columns that a line has at most, unless a single value is longer. */
const WIDTH = 140;

/** A block as text that resembles YAML: what fits on a line is on one. */
export function renderBlock({ title, content }: Block): string {
  return [title, ...Object.entries(content).flatMap((property) => entry(property, '  '))].join('\n');
}

/** Strings that would read like another type, such as `"21"`. */
const AMBIGUOUS = /^(true|false|null|-?\d+(\.\d+)?|)$/;

/** A value on one line. */
export function inline(value: unknown): string {
  if (typeof value === 'string' && AMBIGUOUS.test(value)) return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${inline(inner)}`)
    .join(', ')}}`;
}

function entry([key, value]: [string, unknown], indent: string): string[] {
  const line = `${indent}${key}: ${inline(value)}`;
  if (line.length <= WIDTH || typeof value !== 'object' || value === null) return [line];
  return [`${indent}${key}:`, ...block(value, `${indent}  `)];
}

function block(value: object, indent: string): string[] {
  if (!Array.isArray(value)) return Object.entries(value).flatMap((property) => entry(property, indent));
  return value.flatMap((item: unknown) => {
    const line = `${indent}- ${inline(item)}`;
    if (line.length <= WIDTH || typeof item !== 'object' || item === null) return [line];
    const [first = '', ...others] = block(item, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...others];
  });
}
