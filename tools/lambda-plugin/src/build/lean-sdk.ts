import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** The file in which an SDK client describes all shapes of its service. */
const SCHEMAS = /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
/** Each client reads its version from this file, and nothing else. */
const PACKAGE = /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/;
/** The only module of the SDK's core with a dynamic import of another part of the core. */
const PROTOCOL = /@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]protocols[\\/]HttpProtocol\.js$/;

/**
 * Removes unused parts of SDK clients from an artifact, without changing behaviour:
 *
 * - A client's shapes are constants. esbuild drops unused constants, except those with computed keys (`{ [_hH]: _vid }`),
 *   since computing a key could run code. All these keys are constant strings in the same file, so they are inlined.
 * - esbuild wraps a dynamically imported module and everything that it imports in functions, and can then drop or inline
 *   none of it. In a single file, a static import has the same effect.
 * - A client only reads the version from its package.json.
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

/** Replaces `[NAME]:` with `"value":` if the source contains `const NAME = "value";`. */
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

/** Replaces every `await import("x")` with a static import. */
export function withStaticImports(source: string): string {
  const imports: string[] = [];
  const rest = source.replace(/\bawait import\(("[^"]+")\)/g, (_, path: string) => {
    const name = `imported${imports.length}`;
    imports.push(`import * as ${name} from ${path};\n`);
    return name;
  });
  return imports.join('') + rest;
}
