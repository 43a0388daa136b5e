import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Each client of the SDK describes all of its service's shapes in one such file. */
const SCHEMAS = /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
/** Asked by each client for its version, and for nothing else. */
const PACKAGE = /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/;

/**
 * Leaves out of an artifact what its SDK clients carry for operations that it does not call.
 *
 * A client's shapes are constants, of which esbuild drops what is unused; but not those with computed keys
 * (`{ [_hH]: _vid }`), since computing a key could run code. Here every such key is a constant string of the same file,
 * so it is written out.
 */
export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup({ onLoad }) {
    onLoad({ filter: SCHEMAS }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    onLoad({ filter: PACKAGE }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** Writes `[NAME]:` as `"value":` wherever the source says `const NAME = "value";`. */
export function withLiteralKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\\\n]*");$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  return source.replace(/\[(\w+)\]:/g, (key, name: string) => {
    const value = constants.get(name);
    return value === undefined ? key : `${value}:`;
  });
}
