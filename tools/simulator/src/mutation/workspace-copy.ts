import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { linkPackages } from '@data-aggregator/lambda-plugin/link-packages';

/** A copy of the workspace, in which mutants may replace the sources. */
export interface WorkspaceCopy extends Disposable {
  readonly folder: string;
}

/**
 * Copies every file that git knows or would add, and links packages so that a mutant in one project is seen by the specs of another. A
 * signal that ends this process removes the copy too.
 */
export async function copyWorkspace(root: string): Promise<WorkspaceCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'mutants-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
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
  return { folder, [Symbol.dispose]: remove };
}
