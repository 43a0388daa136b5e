import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';

/*
 * Writes that survive a crash of the machine. A file's bytes are on disk after fsync of the file; its name is on disk after fsync of
 * its folder.
 */

/** Each sync occupies a thread, and the disk combines those that wait. */
const CONCURRENT_SYNCS = 32;

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

/**
 * Creates a folder with its parents; an existing one is fine. Not with Node's own recursion, which reports a read-only disk as ENOENT.
 *
 * @returns the created folders, outermost first: their names are not on disk before their parents are synced
 */
export async function createFolders(folder: string): Promise<string[]> {
  try {
    await mkdir(folder);
    return [folder];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return [];
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    const parents = await createFolders(dirname(folder));
    await mkdir(folder);
    return [...parents, folder];
  }
}

/** Creates a folder with its parents, durably. */
export async function makeFolder(folder: string): Promise<void> {
  for (const created of await createFolders(folder)) await syncFolder(dirname(created));
}

/** Syncs folders, several at once. One that was removed in the meantime needs no sync. */
export async function syncFolders(folders: ReadonlySet<string>): Promise<void> {
  await mapConcurrently([...folders], CONCURRENT_SYNCS, (folder) => unlessMissing(syncFolder(folder)));
}

/** From this many files on, one sync of the file system is faster than one of each file: each waits for the disk's journal. */
export const MANY_FILES = 64;

/**
 * Syncs the file system of a folder with one system call, syncfs, which Node does not have but coreutils and BusyBox do. Linux reports write
 * errors through it like through fsync.
 *
 * @returns whether that was possible; if not, sync each file
 */
export async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', folder], { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

/** Syncs files that were written before. */
export async function syncFiles(paths: readonly string[]): Promise<void> {
  await mapConcurrently(paths, CONCURRENT_SYNCS, async (path) => {
    // Windows syncs only what is open for writing.
    const handle = await open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
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
