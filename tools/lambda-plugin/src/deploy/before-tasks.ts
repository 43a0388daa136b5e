import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PreTasksExecution } from '@nx/devkit';
import { changedFiles } from './changed-files.ts';
import { type Deployer, deployerFor } from './deployer.ts';
import { deployRun } from './run-options.ts';

/** Names the deployer of a run to its deploy commands. Without it, each deploys its own stacks. */
const DEPLOYED_BY = 'DEPLOYED_BY';

/**
 * Nx runs infra's `deploy` and a function's `deploy` together after a change to the function, because infra depends on
 * every function. This hook decides before the tasks run which of the two deploys, so that every stack is deployed
 * once. Nx passes what a hook sets in the environment on to the tasks. NX_BASE is read where Nx runs its plugins: with the
 * daemon, use --base instead.
 */
export const preTasksExecution: PreTasksExecution = (
  _options,
  { argv, nxJsonConfiguration, workspaceRoot },
) => {
  const deployer = deployerOf(argv, workspaceRoot, nxJsonConfiguration.defaultBase ?? 'main');
  if (deployer !== undefined) process.env[DEPLOYED_BY] = deployer;
};

function deployerOf(argv: string[], workspaceRoot: string, defaultBase: string): Deployer | undefined {
  const run = deployRun(argv.slice(2), process.env);
  switch (run.kind) {
    case 'other':
      return undefined;
    case 'all':
      return 'infra';
    case 'affected':
      return deployerFor(
        changedFiles(run.selection, workspaceRoot, defaultBase),
        functionRoots(workspaceRoot),
      );
  }
}

function functionRoots(workspaceRoot: string): string[] {
  return readdirSync(join(workspaceRoot, 'apps'))
    .filter((name) => existsSync(join(workspaceRoot, 'apps', name, 'function.json')))
    .map((name) => `apps/${name}`);
}
