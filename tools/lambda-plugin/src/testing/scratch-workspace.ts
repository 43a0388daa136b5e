import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
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
  linkPackages(path);
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

function linkPackages(path: string): void {
  const from = join(WORKSPACE, 'node_modules');
  const to = join(path, 'node_modules');
  mkdirSync(join(to, '@data-aggregator'), { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry !== '@data-aggregator' && entry !== '.cache') symlinkSync(join(from, entry), join(to, entry));
  }
  for (const group of ['libs', 'tools'].filter((folder) => existsSync(join(path, folder)))) {
    for (const project of readdirSync(join(path, group))) {
      symlinkSync(join(path, group, project), join(to, '@data-aggregator', project));
    }
  }
}
