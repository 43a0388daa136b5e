import { join } from 'node:path';
import { build } from 'esbuild';

/*
 * Bundles the program with everything it needs into one file, apps/consumer/dist/program/consumer.mjs.
 *
 * The first lines run before any other code. libuv reads the size of its thread pool once, when the first thread starts: a file that is
 * written and synced occupies a thread, and many small ones are at once. CommonJS packages inside need `require`.
 */
const FIRST_LINES = `#!/usr/bin/env node
process.env.UV_THREADPOOL_SIZE ??= '32';
if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write('consumer needs Node 22 or newer, and this is ' + process.version + '.\\n');
  process.exit(2);
}
import { createRequire as createRequireOfBundle } from 'node:module';
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
