import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Each client of the SDK describes all of its service's shapes in one such file. */
const SCHEMAS = /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
/** Asked by each client for its version, and for nothing else. */
const PACKAGE = /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/;
/** The one module of the SDK's core that imports another part of the core only when it needs it. */
const PROTOCOL = /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]protocols[\\/]HttpProtocol\.js$/;

/**
 * Spares an artifact what its SDK clients carry for nothing, without changing what they do:
 *
 * - A client's shapes are constants, of which esbuild drops what is unused; but not those with computed keys
 *   (`{ [_hH]: _vid }`), since computing a key could run code. Here every such key is a constant string of the same
 *   file, so it is written out.
 * - What is imported dynamically can be asked for at any time, so esbuild wraps it, and all that it imports, into
 *   functions: none of the core is then dropped or inlined. In one file, a static import loads the same.
 * - Of its package.json a client reads the version.
 */
export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup({ onLoad }) {
    onLoad({ filter: SCHEMAS }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    onLoad({ filter: PROTOCOL }, async ({ path }) => ({
      contents: withStaticImports(await readFile(path, 'utf8')),
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

/** Writes every `await import("x")` as a static import. */
export function withStaticImports(source: string): string {
  const imports: string[] = [];
  const rest = source.replace(/\bawait import\(("[^"]+")\)/g, (_, path: string) => {
    const name = `imported${imports.length}`;
    imports.push(`import * as ${name} from ${path};\n`);
    return name;
  });
  return imports.join('') + rest;
}
