import { join } from 'node:path';
import { collect, type Collection } from './collect.ts';

/** The workspace's folder. */
export const workspaceRoot = join(import.meta.dirname, '../../..');

/** Files that every package has: package.json, licence, README. */
const WANTED = /^(?:package\.json|(?:licen[cs]e|readme)(?:[-.].*)?)$/i;

/**
 * Real input that is always available: some thousands of small files of the installed packages, with deep paths, `@` in names,
 * and many identical contents.
 *
 * @throws Failure if nothing is installed
 */
export async function installedPackages(): Promise<Collection> {
  const { files } = await collect(join(workspaceRoot, 'node_modules'), {
    wanted: (name) => WANTED.test(name),
  });
  // Links in node_modules lead to the workspace's own packages.
  return { files, leftOut: [] };
}
