import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder } from '../testing/folder.ts';
import { diskWith, watchedDisk } from '../testing/watched-disk.ts';
import { type Disk, machineDisk } from './disk.ts';
import { createFolders, makeFolder, syncFiles, syncFolders, unlessMissing, writeDurably } from './durable.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('makeFolder', () => {
  it('syncs the names of all folders that it creates', () =>
    inFolder(async (root) => {
      const { disk, calls } = watchedDisk(root);
      await makeFolder(join(root, 'a', 'b'), disk);
      expect(calls.sync).toEqual(['.', 'a']);
    }));

  it('syncs the name of a folder that a process created and did not live to sync', () =>
    inFolder(async (root) => {
      const { disk, calls } = watchedDisk(root);
      mkdirSync(join(root, 'a'));
      await makeFolder(join(root, 'a'), disk);
      expect(calls.sync).toEqual(['.']);
    }));
});

describe('createFolders', () => {
  it('tells which folders it has created, outermost first', () =>
    inFolder(async (root) => {
      mkdirSync(join(root, 'a'));
      const [b, c] = [join(root, 'a/b'), join(root, 'a/b/c')];
      await expect(createFolders(c, machineDisk)).resolves.toEqual([b, c]);
      await expect(createFolders(c, machineDisk)).resolves.toEqual([]);
    }));

  it('fails if there is a file', () =>
    inFolder(async (root) => {
      writeFileSync(join(root, 'a'), '');
      await expect(createFolders(join(root, 'a'), machineDisk)).rejects.toMatchObject({ code: 'EEXIST' });
      await expect(createFolders(join(root, 'a/b'), machineDisk)).rejects.toMatchObject({ code: 'ENOTDIR' });
    }));

  it('fails with the reason of the disk, also at its root', async () => {
    const disk = (code: string): Disk => ({ ...machineDisk, mkdir: () => Promise.reject(failure(code)) });
    await expect(createFolders('/a/b', disk('EROFS'))).rejects.toThrow('EROFS');
    await expect(createFolders('/a/b', disk('ENOENT'))).rejects.toThrow('ENOENT');
  });
});

describe('syncFolders', () => {
  it('syncs each, and passes over one that was removed in the meantime', () =>
    inFolder(async (root) => {
      const { disk, calls, openFiles } = watchedDisk(root);
      mkdirSync(join(root, 'a'));
      await syncFolders(new Set([root, join(root, 'a'), join(root, 'removed')]), disk);
      expect(calls.sync.sort()).toEqual(['.', 'a']);
      expect(openFiles()).toEqual([]);
    }));

  it('fails if a sync fails, and leaves nothing open', () =>
    inFolder(async (root) => {
      const { disk, openFiles } = watchedDisk(
        root,
        diskWith(() => ({ sync: () => Promise.reject(failure('EIO')) })),
      );
      await expect(syncFolders(new Set([root]), disk)).rejects.toThrow('EIO');
      expect(openFiles()).toEqual([]);
    }));
});

describe('syncFiles', () => {
  it('syncs each', () =>
    inFolder(async (root) => {
      const { disk, calls, openFiles } = watchedDisk(root);
      const paths = ['a', 'b'].map((name) => join(root, name));
      for (const path of paths) writeFileSync(path, '');
      await syncFiles(paths, disk);
      expect(calls.sync.sort()).toEqual(['a', 'b']);
      expect(openFiles()).toEqual([]);
    }));

  it('fails if a file is missing or its sync fails', () =>
    inFolder(async (root) => {
      await expect(syncFiles([join(root, 'a')], machineDisk)).rejects.toMatchObject({ code: 'ENOENT' });
      writeFileSync(join(root, 'a'), '');
      const { disk, openFiles } = watchedDisk(
        root,
        diskWith(() => ({ sync: () => Promise.reject(failure('EIO')) })),
      );
      await expect(syncFiles([join(root, 'a')], disk)).rejects.toThrow('EIO');
      expect(openFiles()).toEqual([]);
    }));
});

describe('writeDurably', () => {
  it('replaces a file whose new content is on disk, and then puts its name there', () =>
    inFolder(async (root) => {
      const { disk, calls, openFiles } = watchedDisk(root);
      const path = join(root, 'file');
      writeFileSync(path, 'old');
      const rename: Disk['rename'] = async (from, to) => {
        expect(readFileSync(path, 'utf8')).toBe('old');
        expect(calls.sync).toEqual([expect.stringMatching(/^file\.[0-9a-f]{8}\.new$/)]);
        await disk.rename(from, to);
      };
      await writeDurably(path, 'new', { ...disk, rename });
      expect(readFileSync(path, 'utf8')).toBe('new');
      expect(calls.sync.slice(1)).toEqual(['.']);
      expect(readdirSync(root)).toEqual(['file']);
      expect(openFiles()).toEqual([]);
    }));

  it.each<[string, Disk]>([
    ['writing', diskWith(() => ({ writeFile: () => Promise.reject(failure('ENOSPC')) }))],
    ['the sync', diskWith(() => ({ sync: () => Promise.reject(failure('ENOSPC')) }))],
    ['the rename', { ...machineDisk, rename: () => Promise.reject(failure('ENOSPC')) }],
  ])('leaves the old file, and nothing else, if %s fails', (_what, failing) =>
    inFolder(async (root) => {
      const { disk, openFiles } = watchedDisk(root, failing);
      const path = join(root, 'file');
      writeFileSync(path, 'old');
      await expect(writeDurably(path, 'new', disk)).rejects.toThrow('ENOSPC');
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(root)).toEqual(['file']);
      expect(openFiles()).toEqual([]);
    }),
  );
});

describe('unlessMissing', () => {
  it('has no value for a path that does not exist', () =>
    inFolder(async (root) => {
      writeFileSync(join(root, 'file'), 'x');
      const read = (path: string) => unlessMissing(machineDisk.readFile(join(root, path), 'utf8'));
      await expect(read('missing')).resolves.toBeUndefined();
      await expect(read('file/below')).resolves.toBeUndefined();
      await expect(read('file')).resolves.toBe('x');
    }));

  it('passes every other error on', async () => {
    await expect(unlessMissing(Promise.reject(failure('EACCES')))).rejects.toThrow('EACCES');
  });
});

describe('the disk of this machine', () => {
  it('syncs the file system of a folder with one call, or says that it cannot', () =>
    inFolder(async (root) => {
      await expect(machineDisk.syncFileSystem(join(root, 'missing'))).resolves.toBe(false);
      await expect(machineDisk.syncFileSystem(root)).resolves.toBe(process.platform === 'linux');
    }));
});
