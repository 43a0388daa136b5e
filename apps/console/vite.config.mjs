import { join } from 'node:path';
import { defineConfig } from 'vite';

const folder = import.meta.dirname;

/** Bundles the page into one script and one style sheet, with hashed names, so that the server can cache them for good. */
export default defineConfig({
  root: join(folder, 'src/page'),
  publicDir: false,
  build: {
    outDir: join(folder, 'dist/page'),
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // A data: address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
