import { firstIndex, compareKeys } from './key-index.ts';

/** Where a listing continues: at a key, after it, or after everything with a common prefix. */
export type Place =
  | { kind: 'at-key'; key: string }
  | { kind: 'after-key'; key: string }
  | { kind: 'after-prefix'; prefix: string };

export type Entry<T> = { kind: 'item'; item: T; key: string } | { kind: 'prefix'; prefix: string };

export interface Page<T> {
  entries: Entry<T>[];
  /** Whether more entries follow. */
  truncated: boolean;
}

/**
 * One page of keys with a prefix. Keys that share the text up to the next delimiter are combined into one entry.
 *
 * @param keys in S3's order
 * @param itemsOf items to list for a key; several if versions are listed, none if the key is hidden
 */
export function listPage<T>(
  keys: readonly string[],
  itemsOf: (key: string) => readonly T[],
  options: { prefix: string; delimiter: string; limit: number; from: Place | undefined },
): Page<T> {
  const { prefix, delimiter, limit, from } = options;
  const entries: Entry<T>[] = [];
  if (limit === 0) return { entries, truncated: false };
  let index = Math.max(startOf(keys, prefix), from === undefined ? 0 : placeIn(keys, from));
  for (let key = keys[index]; key !== undefined && key.startsWith(prefix); key = keys[index]) {
    const items = itemsOf(key);
    const group = commonPrefix(key, prefix, delimiter);
    if (items.length > 0 && group !== undefined) {
      if (entries.length === limit) return { entries, truncated: true };
      entries.push({ kind: 'prefix', prefix: group });
      index = placeIn(keys, { kind: 'after-prefix', prefix: group });
      continue;
    }
    for (const item of items) {
      if (entries.length === limit) return { entries, truncated: true };
      entries.push({ kind: 'item', item, key });
    }
    index++;
  }
  return { entries, truncated: false };
}

/** Where a listing by marker continues. A marker that is a common prefix stands for everything with that prefix. */
export function placeOfMarker(marker: string, prefix: string, delimiter: string): Place {
  return commonPrefix(marker, prefix, delimiter) === marker
    ? { kind: 'after-prefix', prefix: marker }
    : { kind: 'after-key', key: marker };
}

export function placeOfEntry(entry: Entry<unknown>): Place {
  return entry.kind === 'item'
    ? { kind: 'after-key', key: entry.key }
    : { kind: 'after-prefix', prefix: entry.prefix };
}

function startOf(keys: readonly string[], prefix: string): number {
  return firstIndex(keys, (key) => compareKeys(key, prefix) >= 0);
}

function placeIn(keys: readonly string[], place: Place): number {
  if (place.kind === 'at-key') return startOf(keys, place.key);
  if (place.kind === 'after-key') return firstIndex(keys, (key) => compareKeys(key, place.key) > 0);
  const { prefix } = place;
  return firstIndex(keys, (key) => compareKeys(key, prefix) > 0 && !key.startsWith(prefix));
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
