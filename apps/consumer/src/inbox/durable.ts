import { randomBytes } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/*
 * Writes that survive a crash of the machine. A file's bytes are on disk after fsync of the file; its name is on disk after fsync of
 * its folder.
 */

/** Waits until the names in a folder are on disk. Windows has no such call: NTFS logs names itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a folder with its parents, durably. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let at = folder; ; at = dirname(at)) {
    await syncFolder(dirname(at));
    if (at === first || dirname(at) === at) return;
  }
}

/** Writes a file as a whole or not at all, durably. Replaces an existing file. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.new`;
  const handle = await open(fresh, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** The value, or undefined if the file or folder does not exist. */
export async function unlessMissing<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
