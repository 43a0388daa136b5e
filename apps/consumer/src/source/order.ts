/** Bundles whose order may change. */
export const WINDOW = 32;

/**
 * The order in which to process a page of a listing: oldest first, in windows. Each consumer starts at another place of a window, so
 * that two consumers that list the same backlog do not download the same bundles.
 *
 * @param keys in the order of the listing, oldest first
 * @param offset a whole number that differs between consumers
 */
export function inProcessingOrder(keys: readonly string[], offset: number, window = WINDOW): string[] {
  const ordered: string[] = [];
  for (let at = 0; at < keys.length; at += window) {
    const part = keys.slice(at, at + window);
    const start = offset % part.length;
    ordered.push(...part.slice(start), ...part.slice(0, start));
  }
  return ordered;
}
