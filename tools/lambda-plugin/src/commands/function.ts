import { join } from 'node:path';
import { loadFunctions, type WorkspaceFunction } from '@data-aggregator/function-manifest';
import { UsageError } from './usage-error.ts';

/** The folder of this workspace. */
export const WORKSPACE_ROOT = join(import.meta.dirname, '../../../..');

/**
 * Finds a function of the workspace by its name.
 *
 * @throws UsageError if there is none
 */
export function functionNamed(name: string, workspaceRoot = WORKSPACE_ROOT): WorkspaceFunction {
  const functions = loadFunctions(workspaceRoot);
  const found = functions.find(({ manifest }) => manifest.name === name);
  if (found === undefined) {
    const names = functions.map(({ manifest }) => manifest.name).join(', ');
    throw new UsageError(`There is no function "${name}", only ${names}.`);
  }
  return found;
}
