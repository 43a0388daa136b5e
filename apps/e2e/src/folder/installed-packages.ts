import { join } from 'node:path';
import { collect, type Collection } from './collect.ts';
import { workspaceRoot } from '../workspace.ts';

/** What every package brings: a description of itself, a licence, a README. */
const BROUGHT = /^(?:package\.json|(?:licen[cs]e|readme)(?:[-.].*)?)$/i;

/**
 * Real input that is there anyway: some thousands of small files of the installed packages, with deep paths, `@` in
 * them, and many that are alike to the last byte.
 *
 * @throws Failure where nothing is installed
 */
export async function installedPackages(): Promise<Collection> {
  const { files } = await collect(join(workspaceRoot, 'node_modules'), {
    wanted: (name) => BROUGHT.test(name),
  });
  // Links there lead to the workspace's own packages.
  return { files, leftOut: [] };
}
