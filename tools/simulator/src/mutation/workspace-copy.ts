import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const SCOPE = '@data-aggregator';

/** A copy of the workspace, in which mutants may replace the sources. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Copies every file that git knows or would add. Packages from npm are linked; the workspace's own are linked to the copy, so that
 * a mutant in one project is seen by the specs of another.
 */
export async function copyWorkspace(root: string): Promise<WorkspaceCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-coz', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  for (const file of stdout.split('\0').filter(Boolean)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(root, file), join(folder, file));
  }
  await linkPackages(root, folder);
  const remove = () => rm(folder, { recursive: true, force: true });
  return { folder, [Symbol.asyncDispose]: remove };
}

async function linkPackages(root: string, folder: string): Promise<void> {
  const from = join(root, 'node_modules');
  const to = join(folder, 'node_modules');
  await mkdir(join(to, SCOPE), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== SCOPE) await symlink(join(from, name), join(to, name));
  }
  for (const parent of ['libs', 'tools']) {
    for (const name of await readdir(join(folder, parent))) {
      await symlink(join(folder, parent, name), join(to, SCOPE, name));
    }
  }
}
