import { relative } from 'node:path';
import { type Disk, type DiskFile, machineDisk } from '../inbox/disk.ts';

/** The disk of this machine, on which `change` replaces calls of the files that are opened asynchronously. */
export function diskWith(change: (file: DiskFile, path: string) => Partial<DiskFile>): Disk {
  return {
    ...machineDisk,
    async open(path, flags) {
      const file = await machineDisk.open(path, flags);
      return Object.assign(file, change(file, path));
    },
  };
}

/** A disk that records what is done with it. Paths are relative to `root`. */
export function watchedDisk(root: string, disk: Disk = machineDisk) {
  /** Paths, in the order of the calls; `sync` has those of `fsync` too. */
  const calls = {
    mkdir: [] as string[],
    openSync: [] as string[],
    sync: [] as string[],
  };
  /** Bytes of each call of a file that was opened asynchronously. */
  const sizes = { read: [] as number[], write: [] as number[] };
  const openFiles = new Map<DiskFile | number, string>();
  const pathOf = (path: string) => relative(root, path) || '.';

  const watched: Disk = {
    ...disk,
    mkdir(path) {
      calls.mkdir.push(pathOf(path));
      return disk.mkdir(path);
    },
    async open(path, flags) {
      const file = await disk.open(path, flags);
      openFiles.set(file, pathOf(path));
      const { read, write, sync, close } = file;
      return Object.assign(file, {
        read(...args: Parameters<DiskFile['read']>) {
          sizes.read.push(args[2]);
          return read.apply(file, args);
        },
        async write(...args: Parameters<DiskFile['write']>) {
          const result = await write.apply(file, args);
          sizes.write.push(result.bytesWritten);
          return result;
        },
        sync() {
          calls.sync.push(pathOf(path));
          return sync.apply(file);
        },
        close() {
          openFiles.delete(file);
          return close.apply(file);
        },
      });
    },
    openSync(path, flags) {
      calls.openSync.push(pathOf(path));
      const file = disk.openSync(path, flags);
      openFiles.set(file, pathOf(path));
      return file;
    },
    fsync(file) {
      calls.sync.push(openFiles.get(file) ?? '');
      return disk.fsync(file);
    },
    closeSync(file) {
      openFiles.delete(file);
      disk.closeSync(file);
    },
  };
  return { disk: watched, calls, sizes, openFiles: () => [...openFiles.values()] };
}
