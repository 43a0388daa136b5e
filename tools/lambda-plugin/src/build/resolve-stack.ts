import type { SourceMap } from 'node:module';
import { join } from 'node:path/posix';

/** A location in an artifact, as V8 writes it: `file:///var/task/index.mjs:1:2345`. */
const LOCATION = /(?:file:\/\/)?[^\s()"'\\]*index\.mjs:(\d+):(\d+)/g;

/**
 * Replaces each location in `index.mjs` by the location in the sources, if the map contains it.
 *
 * @param folder the folder of the map, relative to the workspace's root, with `/`
 */
export function resolveStack(text: string, map: SourceMap, folder: string): string {
  return text.replace(LOCATION, (location, line: string, column: string) => {
    // Lines and columns start at 1 in a stack, and at 0 in a map.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) return location;
    // Node's SourceMap ignores the sourceRoot.
    return `${join(folder, map.payload.sourceRoot, entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}
