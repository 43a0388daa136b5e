/** How a protocol writes JavaScript values that it has no type for. */
export interface Notation {
  readonly time: (time: Date) => unknown;
  /** Default: lists stay lists. */
  readonly list?: (items: readonly unknown[]) => unknown;
}

/** Copies a result into a protocol's notation. Undefined members are left out. */
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
