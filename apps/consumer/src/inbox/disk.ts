import { spawn } from 'node:child_process';
import { closeSync, createReadStream, existsSync, fsync, futimesSync, openSync, writeSync } from 'node:fs';
import {
  appendFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { promisify } from 'node:util';

/** An open file. */
export interface DiskFile {
  write(
    bytes: Uint8Array,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number }>;
  writev(parts: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }>;
  /** Reads on from the end of the last read. */
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }>;
  writeFile(text: string): Promise<void>;
  truncate(bytes: number): Promise<void>;
  utimes(accessed: Date, modified: Date): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What the consumer needs of a file system: Node's calls of the same names, in the forms that it uses. It is a parameter of what works on
 * the inbox, so that the simulator can lose what was not synced.
 */
export interface Disk {
  appendFile(path: string, text: string): Promise<void>;
  createReadStream(path: string, options: { highWaterMark: number }): NodeJS.ReadableStream;
  existsSync(path: string): boolean;
  lstat(path: string): Promise<{ isDirectory(): boolean }>;
  mkdir(path: string): Promise<unknown>;
  open(path: string, flags: string): Promise<DiskFile>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string, encoding: 'utf8'): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { recursive?: boolean; force: true }): Promise<void>;
  stat(path: string): Promise<{ isDirectory(): boolean; mtimeMs: number }>;
  statfs(path: string): Promise<{ bavail: number; bsize: number }>;
  writeFile(path: string, text: string): Promise<void>;

  /** Small files: synchronous calls that only write into the cache, and a sync that waits. */
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array, offset: number): number;
  futimesSync(file: number, accessed: number, modified: number): void;
  fsync(file: number): Promise<void>;
  closeSync(file: number): void;

  /**
   * Syncs the file system of a folder with one system call. Linux reports write errors through it like through fsync.
   *
   * @returns whether that was possible; if not, sync each file
   */
  syncFileSystem(folder: string): Promise<boolean>;
  /** From this many files on, one sync of the file system is faster than one of each file: each waits for the disk's journal. */
  manyFiles: number;
}

/** The disk of this machine. */
export const machineDisk: Disk = {
  appendFile,
  createReadStream,
  existsSync,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
  openSync,
  writeSync,
  futimesSync,
  fsync: promisify(fsync),
  closeSync,
  syncFileSystem,
  manyFiles: 64,
};

/** By syncfs, which Node does not have but coreutils and BusyBox do. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', folder], { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}
