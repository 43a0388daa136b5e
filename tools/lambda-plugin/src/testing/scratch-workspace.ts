import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { linkPackages } from '../workspace/link-packages.ts';
import { temporaryFolder } from './temporary-folder.ts';

const WORKSPACE = join(import.meta.dirname, '../../../..');

/** Folders that hold what is made from the sources, and the history. */
const MADE = new Set(['node_modules', 'dist', 'cdk.out', 'coverage', 'test-results', 'out', '.git', '.nx']);

/** A copy of the workspace that a test may change. */
export interface ScratchWorkspace extends Disposable {
  path: string;
  read: (file: string) => string;
  write: (file: string, contents: string) => void;
}

/**
 * Copies the workspace's sources as they are now to a new folder. The npm packages are those of this workspace; its own
 * packages are the copies.
 *
 * @param takes says of a path, from the root, whether it is copied, with all below it; everything is, if not told
 */
export function scratchWorkspace(takes: (path: string) => boolean = () => true): ScratchWorkspace {
  const folder = temporaryFolder();
  const path = join(folder.path, 'workspace');
  cpSync(WORKSPACE, path, {
    recursive: true,
    filter: (file) => file === WORKSPACE || (!MADE.has(basename(file)) && takes(relative(WORKSPACE, file))),
  });
  linkPackages(WORKSPACE, path);
  return {
    path,
    read: (file) => readFileSync(join(path, file), 'utf8'),
    write: (file, contents) => {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), contents);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
