import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { linkPackages } from '@data-aggregator/lambda-plugin/link-packages';

/** A copy of the workspace, in which mutants may replace the sources. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly folder: string;
}

/** Copies every file that git knows or would add, and links packages so that a mutant in one project is seen by the specs of another. */
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
  linkPackages(root, folder);
  const remove = () => rm(folder, { recursive: true, force: true });
  return { folder, [Symbol.asyncDispose]: remove };
}
