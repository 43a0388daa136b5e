import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
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

/**
 * Checks that bundles do not end up among the files that are sent: the next run would send them. Symbolic links are
 * resolved, also those that lead to a folder which does not exist yet.
 *
 * @throws Failure
 */
export async function checkOutside(out: string, input: string): Promise<void> {
  const [outPath, inputPath] = [await realPath(resolve(out)), await realPath(resolve(input))];
  const path = relative(inputPath, outPath);
  const isInside = !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`);
  if (!isInside) return;
  throw new Failure(
    `Bundles would be written to ${outPath}, inside the input folder ${inputPath}, and sent by the next run: give --out a folder outside.`,
  );
}

/** The path without symbolic links, of which only the first part need exist. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    // ENOTDIR: a file is in the way, which making the folder will tell.
    const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (isMissing && dirname(path) !== path) return join(await realPath(dirname(path)), basename(path));
    throw new Failure(`${path} cannot be resolved: ${(error as Error).message}.`, { cause: error });
  }
}

/**
 * Creates a folder that only its owner can read, with its parents. One folder at a time: on a file system that returns ENOENT for
 * every mkdir, such as /proc, Node's own recursion never ends.
 */
async function makeWithParents(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeWithParents(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
}
