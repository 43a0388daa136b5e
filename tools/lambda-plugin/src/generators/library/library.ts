import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { generateFiles, type GeneratorCallback, getProjects, logger, type Tree } from '@nx/devkit';
import { UsageError } from '../../commands/command.ts';
import { addReference } from '../project-references.ts';
import { withWorkspacePackage } from './lock-file.ts';

export interface LibraryOptions {
  name: string;
  description?: string;
}

const SCOPE = '@data-aggregator';
const VERSION = '0.1.0';
const LOCK_FILE = 'package-lock.json';

/**
 * Adds `libs/<name>`, a workspace package with the tag `type:lib`: functions, infra and tools may import it, and it may
 * import libraries only. An existing library is not changed.
 *
 * @returns a callback that links it into node_modules, to be called once it is written
 * @throws UsageError before anything is written
 */
export default function library(tree: Tree, { name, description }: LibraryOptions): GeneratorCallback {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(
      `The name of a library must be lower-case words joined by hyphens, such as "image-tools", not "${name}".`,
    );
  }
  const root = `libs/${name}`;
  const link = () => linkPackage(tree.root, root, name);
  if (tree.exists(`${root}/package.json`)) {
    logger.info(`${name} already exists; nothing was changed.`);
    return link;
  }
  const taken = getProjects(tree).get(name);
  if (taken !== undefined) throw new UsageError(`The name "${name}" is taken by ${taken.root}.`);
  generateFiles(tree, join(import.meta.dirname, 'templates'), root, {
    name,
    packageName: `${SCOPE}/${name}`,
    version: VERSION,
    description: description ?? `The ${name} library.`,
  });
  addReference(tree, root);
  const lockFile = tree.read(LOCK_FILE, 'utf8');
  if (lockFile !== null)
    tree.write(LOCK_FILE, withWorkspacePackage(lockFile, `${SCOPE}/${name}`, root, VERSION));
  return link;
}

/** Links the package as `npm ci` would, so that it can be imported immediately. */
function linkPackage(workspaceRoot: string, root: string, name: string): void {
  const link = join(workspaceRoot, 'node_modules', SCOPE, name);
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), join(workspaceRoot, root)), link, 'dir');
}
