import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../pipeline/failure.ts';

/**
 * Makes the folder for bundles, and sees that it can be written to before anything else is begun.
 *
 * @returns its absolute path
 * @throws Failure
 */
export async function makeOutFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const probe = join(folder, `.${randomUUID()}`);
  try {
    await makeWithParents(folder);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new Failure(`Bundles cannot be written to ${folder}: ${(cause as Error).message}.`, { cause });
  }
  return folder;
}

/** For the owner only. Folder by folder: where a file system answers ENOENT to every mkdir (/proc does), Node's own recursion never ends. */
async function makeWithParents(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeWithParents(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
}
