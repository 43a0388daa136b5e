import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { Disk } from './disk.ts';

/*
 * Writes that survive a crash of the machine. A file's bytes are on disk after fsync of the file; its name is on disk after fsync of
 * its folder.
 */

/** Each sync occupies a thread, and the disk combines those that wait. */
const CONCURRENT_SYNCS = 32;

/** Waits until the names in a folder are on disk. Windows has no such call: NTFS logs names itself. */
export async function syncFolder(folder: string, disk: Disk): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await disk.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates a folder with its parents; an existing one is fine. Not with Node's own recursion, which reports a read-only disk as ENOENT.
 *
 * @returns the created folders, outermost first: their names are not on disk before their parents are synced
 */
export async function createFolders(folder: string, disk: Disk): Promise<string[]> {
  try {
    await disk.mkdir(folder);
    return [folder];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await disk.stat(folder)).isDirectory()) return [];
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    const parents = await createFolders(dirname(folder), disk);
    await disk.mkdir(folder);
    return [...parents, folder];
  }
}

/**
 * Creates a folder with its parents, durably. The name of an existing one is synced too: the process that created it may have died before
 * that.
 */
export async function makeFolder(folder: string, disk: Disk): Promise<void> {
  const created = await createFolders(folder, disk);
  for (const parent of new Set([...created, folder].map((path) => dirname(path)))) {
    await syncFolder(parent, disk);
  }
}

/** Syncs folders, several at once. One that was removed in the meantime needs no sync. */
export async function syncFolders(folders: ReadonlySet<string>, disk: Disk): Promise<void> {
  await mapConcurrently([...folders], CONCURRENT_SYNCS, (folder) => unlessMissing(syncFolder(folder, disk)));
}

/** Syncs files that were written before. */
export async function syncFiles(paths: readonly string[], disk: Disk): Promise<void> {
  await mapConcurrently(paths, CONCURRENT_SYNCS, async (path) => {
    // Windows syncs only what is open for writing.
    const handle = await disk.open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Writes a file as a whole or not at all, durably. Replaces an existing file. */
export async function writeDurably(path: string, text: string, disk: Disk): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    const handle = await disk.open(fresh, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await disk.rename(fresh, path);
  } catch (error) {
    // A full disk fails each attempt, and each would leave a file. A failing disk may refuse to remove it too.
    await disk.rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), disk);
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
