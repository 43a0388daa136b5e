import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { artifact } from './artifact.ts';
import { leanSdk } from './lean-sdk.ts';

/**
 * The bundle of a function, beside what build-target.ts tells `@nx/esbuild`. Nothing in it depends on the machine, the
 * folder or the day, so that the same sources always make the same bytes.
 */
const config: BuildOptions = {
  // Some packages still `require` Node's own modules, which an ES module has no `require` for.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  // The ES module sources of a package where it has them: less is bundled, since what is unused falls away.
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  alias: { '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts') },
  // Comments that a minifier keeps would make a comment change an artifact.
  legalComments: 'none',
  // The map's sources are written from the artifact's folder, and the map lies one above it.
  sourceRoot: 'function',
  // The artifact plugin writes, so that a build over budget leaves the last good artifact in place.
  write: false,
  plugins: [leanSdk, artifact],
};

export default config;
