import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Failure } from '@data-aggregator/pipeline-client';

/**
 * Creates the folder for the consumer's files, and checks that it is writable before the run starts.
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
    throw new Failure(`Files cannot be written to ${folder}: ${(cause as Error).message}.`, { cause });
  }
  return folder;
}

/**
 * Checks that the output folder is not inside the input folder, where the next run would send them. Resolves symbolic
 * links, even if the output folder does not exist yet.
 *
 * @throws Failure
 */
export async function checkOutside(out: string, input: string): Promise<void> {
  const [outPath, inputPath] = [await realPath(resolve(out)), await realPath(resolve(input))];
  const path = relative(inputPath, outPath);
  const isInside = !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`);
  if (!isInside) return;
  throw new Failure(
    `Files would be written to ${outPath}, inside the input folder ${inputPath}, and the next run would send them: choose another --out.`,
  );
}

/** The path without symbolic links; its last parts need not exist. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    // ENOTDIR: a file is in the way; creating the folder will report it.
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
