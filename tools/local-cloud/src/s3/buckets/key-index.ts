export interface KeyIndex<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  size(): number;
  /** All keys in S3's order; valid until the next change. */
  sorted(): readonly string[];
}

/**
 * A map that lists its keys in S3's order. Keys are sorted only when a listing asks for them, and then only new keys
 * are sorted and merged. So many writes cost nothing, and a listing after few writes is linear.
 */
export function createKeyIndex<T>(): KeyIndex<T> {
  const map = new Map<string, T>();
  let order: string[] = [];
  let added = new Set<string>();
  let removed = false;

  return {
    get: (key) => map.get(key),
    set(key, value) {
      if (!map.has(key)) added.add(key);
      map.set(key, value);
    },
    delete(key) {
      if (!map.delete(key)) return;
      if (!added.delete(key)) removed = true;
    },
    size: () => map.size,
    sorted() {
      // A key removed and added again is in both lists; drop the old entry.
      if (removed) order = order.filter((key) => map.has(key) && !added.has(key));
      if (added.size > 0) order = merge(order, [...added].sort(compareKeys));
      removed = false;
      added = new Set();
      return order;
    },
  };
}

function merge(left: string[], right: string[]): string[] {
  const merged: string[] = [];
  let from = 0;
  for (const key of right) {
    const to = firstIndex(left, (other) => compareKeys(other, key) > 0, from);
    for (; from < to; from++) merged.push(left[from] as string);
    merged.push(key);
  }
  for (; from < left.length; from++) merged.push(left[from] as string);
  return merged;
}

/** Index of the first item that satisfies `test`, if all later items do as well. */
export function firstIndex<T>(items: readonly T[], test: (item: T) => boolean, from = 0): number {
  let low = from;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Compares two keys by their UTF-8 bytes, as S3's listings do. JavaScript's string order differs if one contains a
 * surrogate pair (an emoji) and the other a character from U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return byCodePoint(left) - byCodePoint(right);
  }
  return a.length - b.length;
}

/** Moves surrogates (U+D800 to U+DFFF) behind everything else. */
function byCodePoint(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
