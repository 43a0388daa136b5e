/** How a protocol writes what JavaScript has and it has not. */
export interface Notation {
  readonly time: (time: Date) => unknown;
  /** By default a list stays one. */
  readonly list?: (items: readonly unknown[]) => unknown;
}

/** A copy of a result in the notation of a protocol. Members that are undefined are left out. */
export function translate(value: unknown, notation: Notation): unknown {
  const { time, list = (items) => items } = notation;
  if (value instanceof Date) return time(value);
  if (Array.isArray(value)) return list(value.map((item) => translate(item, notation)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, translate(member, notation)]),
  );
}
