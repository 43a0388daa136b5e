import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { esbuildExecutor } from '@nx/esbuild/executors';
import { buildTarget } from '../build/build-target.ts';

/** Builds a function with the executor and options of its `build` target, but without starting Nx. */
export async function buildFunction(workspaceRoot: string, name: string): Promise<void> {
  const root = `apps/${name}`;
  const { options } = JSON.parse(JSON.stringify(buildTarget()).replaceAll('{projectRoot}', root));
  const context = {
    root: workspaceRoot,
    cwd: workspaceRoot,
    isVerbose: false,
    projectName: name,
    target: { options },
    projectsConfigurations: { version: 2, projects: { [name]: { root } } },
    projectGraph: { nodes: { [name]: { data: { root } } }, externalNodes: {}, dependencies: {} },
  };
  for await (const { success } of esbuildExecutor(options, context as unknown as ExecutorContext)) {
    if (!success) throw new Error(`${name} did not build.`);
  }
}

/** SHA-256 of a function's artifact, in hex. */
export function artifactHash(workspaceRoot: string, name: string): string {
  const code = readFileSync(join(workspaceRoot, 'apps', name, 'dist/function/index.mjs'));
  return createHash('sha256').update(code).digest('hex');
}
