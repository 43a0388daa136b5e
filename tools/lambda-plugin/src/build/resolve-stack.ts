import type { SourceMap } from 'node:module';
import { join } from 'node:path/posix';

/** A place in an artifact, as V8 writes it: `file:///var/task/index.mjs:1:2345`. */
const PLACE = /(?:file:\/\/)?[^\s()"'\\]*index\.mjs:(\d+):(\d+)/g;

/**
 * A text with each place in `index.mjs` replaced by the place in the sources; what the map does not know stays.
 *
 * @param folder where the map lies, from the workspace's root, with `/`
 */
export function resolveStack(text: string, map: SourceMap, folder: string): string {
  return text.replace(PLACE, (place, line: string, column: string) => {
    // Lines and columns count from 1 in a stack, from 0 in a map.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in entry)) return place;
    // Node's reader leaves out the sourceRoot.
    return `${join(folder, map.payload.sourceRoot, entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}
