import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** A disk of its own for an inbox, which can be filled. */
export interface SmallDisk extends Disposable {
  path: string;
  /** Leaves almost nothing free. */
  fill: () => Promise<void>;
  /** Frees the space again. */
  empty: () => void;
}

/**
 * Mounts a file system of limited size in memory.
 *
 * @returns undefined where that is not allowed: it needs Linux and root
 */
export function mountSmallDisk(path: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = join(path, '.ballast');
  return {
    path,
    async fill() {
      const { bavail, bsize } = await statfs(path);
      // A few blocks stay free, so that small writes succeed and larger ones fail half-way.
      const bytes = Math.max(0, bavail * bsize - 64 * 1024);
      try {
        writeFileSync(ballast, Buffer.alloc(bytes));
      } catch (error) {
        // The consumer was faster: the disk is full all the same.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]),
  };
}
