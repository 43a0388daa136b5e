import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { linkPackages } from '../workspace/link-packages.ts';

/** A new folder that is removed when it goes out of scope: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'lambda-plugin-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const WORKSPACE = join(import.meta.dirname, '../../../..');

/** Folders that are not sources. */
const NOT_SOURCES = new Set([
  'node_modules',
  'dist',
  'cdk.out',
  'coverage',
  'test-results',
  'out',
  '.git',
  '.nx',
]);

/** A copy of the workspace that a test may change. */
export interface ScratchWorkspace extends Disposable {
  path: string;
  read: (file: string) => string;
  write: (file: string, contents: string) => void;
}

/**
 * Copies the workspace's current sources to a new folder. Its npm packages link to those of this workspace, and its own
 * packages to the copies.
 *
 * @param takes whether a path, relative to the root, is copied with everything below it; by default everything is
 */
export function scratchWorkspace(takes: (path: string) => boolean = () => true): ScratchWorkspace {
  const folder = temporaryFolder();
  const path = join(folder.path, 'workspace');
  cpSync(WORKSPACE, path, {
    recursive: true,
    filter: (file) =>
      file === WORKSPACE || (!NOT_SOURCES.has(basename(file)) && takes(relative(WORKSPACE, file))),
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
