import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own for an inbox. Only processes that are started through it see it, so nothing is left when the last one ends. */
export interface SmallDisk extends Disposable {
  /** The path at which this process sees what is on the disk. */
  outside: string;
  /** The words before a command that is to see the disk. */
  through: readonly string[];
  /** Leaves almost nothing free. */
  fill: () => Promise<void>;
  /** Frees the space again. */
  empty: () => void;
  /** Changes the mount options, such as `ro` and `size=1g`. */
  remount: (options: string) => void;
}

/** Root has the permission to mount; any other user gets it in a user namespace of its own, on most Linux systems. */
const NAMESPACES = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
const ENTER = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--user', '--preserve-credentials'];

/** Whether this system lets this user mount a disk. It needs Linux with mount namespaces. */
export function canMountDisks(): boolean {
  return spawnSync('unshare', [...NAMESPACES, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
}

/**
 * Mounts a file system of limited size, which is in memory.
 *
 * @param path of the folder on which the processes see it
 * @throws Error if that is not allowed
 */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk> {
  mkdirSync(path, { recursive: true });
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo mounted && exec cat`;
  // It keeps the namespace, and ends with this process.
  const holder = spawn('unshare', [...NAMESPACES, 'sh', '-c', script, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'close').then(([code]) => {
      throw new Error(`no disk can be mounted on ${path}: exit code ${code}`);
    }),
  ]);
  const outside = `/proc/${holder.pid}/root${path}`;
  const through = ['nsenter', '--target', String(holder.pid), ...ENTER];
  const ballast = join(outside, '.ballast');
  return {
    outside,
    through,
    async fill() {
      const { bavail, bsize } = await statfs(outside);
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
    remount(options) {
      // With its source named, `mount` does not repeat the present options, which may have ids that this user may not use.
      const [enter = '', ...words] = through;
      execFileSync(enter, [...words, 'mount', '-t', 'tmpfs', '-o', `remount,${options}`, 'tmpfs', path]);
    },
    [Symbol.dispose]: () => void holder.stdin.end(),
  };
}
