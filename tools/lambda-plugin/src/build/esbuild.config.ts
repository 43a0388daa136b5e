import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { artifact } from './artifact.ts';
import { leanSdk } from './lean-sdk.ts';

/**
 * esbuild options for functions, in addition to those in build-target.ts. Nothing in the output depends on the machine,
 * the folder or the date, so the same sources always produce the same bytes.
 */
const config: BuildOptions = {
  // Some packages `require` Node's built-in modules, but an ES module has no `require`.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  // Prefer ES modules, because esbuild can drop their unused parts.
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  alias: { '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts') },
  // Otherwise a change to a license comment would change the artifact.
  legalComments: 'none',
  // The source map's paths are relative to the artifact's folder, but the map is one folder above it.
  sourceRoot: 'function',
  // The artifact plugin writes the output, so that a build over budget keeps the last good artifact.
  write: false,
  plugins: [leanSdk, artifact],
};

export default config;
