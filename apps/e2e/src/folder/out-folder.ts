import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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
    await mkdir(folder, { recursive: true });
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new Failure(`Bundles cannot be written to ${folder}: ${(cause as Error).message}.`, { cause });
  }
  return folder;
}
