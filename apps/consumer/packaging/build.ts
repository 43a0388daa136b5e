import { join } from 'node:path';
import { build } from 'esbuild';

/*
 * Bundles the program with everything it needs into one file, apps/consumer/dist/program/consumer.mjs.
 *
 * The first lines run before any other code. libuv reads the size of its thread pool once, when the first thread starts: a file that is
 * written and synced occupies a thread, and many small ones are at once. CommonJS packages inside need `require`.
 *
 * The flags keep memory flat. V8 doubles its young generation each time that as many bytes as it holds have survived collections. Some of
 * every bundle survive, so after a thousand bundles it has 100 MB. And V8 lets the old generation grow to four times what is alive in it.
 * With the flags, the young generation keeps its first size, and the old one is collected when it has doubled. V8 reads both at each
 * collection, but --max-semi-space-size, which is better known, only before the program starts.
 */
const FIRST_LINES = `#!/usr/bin/env node
process.env.UV_THREADPOOL_SIZE ??= '32';
if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write('consumer needs Node 22 or newer, and this is ' + process.version + '.\\n');
  process.exit(2);
}
import { createRequire as createRequireOfBundle } from 'node:module';
import { setFlagsFromString as setV8FlagsOfBundle } from 'node:v8';
setV8FlagsOfBundle('--semi-space-growth-factor=1');
setV8FlagsOfBundle('--heap-growing-percent=100');
const require = createRequireOfBundle(import.meta.url);
`;

const root = join(import.meta.dirname, '..');

await build({
  entryPoints: [join(root, 'src/main.ts')],
  outfile: join(root, 'dist/program/consumer.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  // Error messages and stacks name functions and classes.
  keepNames: true,
  legalComments: 'eof',
  mainFields: ['module', 'main'],
  banner: { js: FIRST_LINES },
});
