/** Formats JSON as Oxfmt does: each entry of an object on its own line, each object of a list of several on one line. */
export function jsonText(value: unknown, indent = ''): string {
  if (Array.isArray(value) && value.length > 1 && value.every(isObject)) {
    return block('[', value.map(inline), ']', indent);
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, `${indent}  `)}`,
    );
    return block('{', entries, '}', indent);
  }
  return inline(value);
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

function block(open: string, lines: string[], close: string, indent: string): string {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
