import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyOf } from '../testing/bundles.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { watchedDisk } from '../testing/watched-disk.ts';
import { bundleId } from './bundle-id.ts';
import { type Disk, machineDisk } from './disk.ts';
import { type Inbox, inboxAt } from './inbox.ts';
import type { LocalReceipt } from './local-receipt.ts';
import { chooseFolder, choosePaths, placeFiles } from './place.ts';

const KEY = keyOf(1);
const ID = bundleId(KEY);

/** An inbox in which the files of a bundle are extracted and planned. Their content is their name. */
async function plannedIn(
  folder: string,
  layout: 'bundle' | 'tree',
  names: readonly string[],
  disk: Disk = machineDisk,
): Promise<{ inbox: Inbox; plan: LocalReceipt }> {
  const inbox = inboxAt(folder, disk);
  await inbox.open();
  for (const name of names) {
    const path = join(inbox.paths.work(KEY), 'files', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name);
  }
  const path = (name: string) => (layout === 'bundle' ? `${ID}/${name}` : name);
  const plan: LocalReceipt = {
    ...{ bundle: { key: KEY, size: 1 }, consumer: 'host/id', layout, folder: layout === 'bundle' ? ID : '' },
    ...{ firstLandedAt: 0, lastLandedAt: 0, startedAt: 0, finishedAt: 0 },
    files: names.map((name) => ({ name, path: path(name), size: name.length, key: name, versionId: 'v1' })),
  };
  await inbox.writePlan(plan);
  return { inbox, plan };
}

const put = (folder: string, path: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), 'somebody’s');
};

/** Each file is where the result, and the plan on disk, say that it is. */
async function expectPlaced(inbox: Inbox, placed: LocalReceipt): Promise<void> {
  for (const { name, path } of placed.files) {
    expect(readFileSync(join(inbox.root, path), 'utf8')).toBe(name);
  }
  await expect(inbox.plan(KEY)).resolves.toEqual(placed);
}

describe('a folder', () => {
  it('is moved into place as a whole, and its name is on disk afterwards', () =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder);
      const { inbox, plan } = await plannedIn(folder, 'bundle', ['a/b', 'c'], disk);
      calls.sync.length = 0;
      await expect(placeFiles(inbox, plan)).resolves.toEqual(plan);
      expect(visibleFiles(folder)).toEqual({ [`${ID}/a/b`]: 'a/b', [`${ID}/c`]: 'c' });
      expect(calls.sync).toEqual(['.']);
      // A process that died after the rename does not know whether its name was on disk.
      calls.sync.length = 0;
      await expect(placeFiles(inbox, plan)).resolves.toEqual(plan);
      expect(calls.sync).toEqual(['.']);
    }));

  it('gets another name if somebody has taken its name since it was planned', () =>
    inFolder(async (folder) => {
      const { inbox, plan } = await plannedIn(folder, 'bundle', ['a/b', 'c']);
      put(folder, `${ID}/c`);
      put(folder, `${ID}-2`);
      const placed = await placeFiles(inbox, plan);
      expect(placed.folder).toBe(`${ID}-3`);
      expect(placed.files.map(({ path }) => path)).toEqual([`${ID}-3/a/b`, `${ID}-3/c`]);
      await expectPlaced(inbox, placed);
      expect(readFileSync(join(folder, ID, 'c'), 'utf8')).toBe('somebody’s');
    }));

  it('is chosen so that it replaces nothing', () =>
    inFolder(async (folder) => {
      const inbox = inboxAt(folder);
      await expect(chooseFolder(inbox, 'b')).resolves.toBe('b');
      put(folder, 'b/x');
      put(folder, 'b-2');
      await expect(chooseFolder(inbox, 'b')).resolves.toBe('b-3');
    }));
});

describe('a tree', () => {
  it('gets the files one by one, and every new name is on disk afterwards', () =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder);
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/b/c', 'd'], disk);
      calls.sync.length = 0;
      await expect(placeFiles(inbox, plan)).resolves.toEqual(plan);
      expect(visibleFiles(folder)).toEqual({ 'a/b/c': 'a/b/c', d: 'd' });
      expect(calls.sync.sort()).toEqual(['.', 'a', 'a/b']);
    }));

  it('creates each folder once', () =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder);
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/1', 'a/2', 'a/3'], disk);
      calls.mkdir.length = 0;
      await placeFiles(inbox, plan);
      expect(calls.mkdir).toEqual(['a']);
    }));

  it('syncs also the folders that a process created before it died', () =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder);
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/b', 'c/d'], disk);
      await placeFiles(inbox, plan);
      calls.sync.length = 0;
      await expect(placeFiles(inbox, plan)).resolves.toEqual(plan);
      expect(calls.sync.sort()).toEqual(['.', 'a', 'c']);
    }));

  it.each([
    ['all at once if they are many', true, []],
    ['one by one if the system cannot sync all at once', false, ['.', 'a', 'b', 'c']],
  ])('syncs folders %s', (_when, isPossible, expected) =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder, {
        ...machineDisk,
        manyFiles: 4,
        syncFileSystem: async (path) => {
          expect(path).toBe(folder);
          return isPossible;
        },
      });
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/1', 'b/2', 'c/3'], disk);
      calls.sync.length = 0;
      await placeFiles(inbox, plan);
      expect(calls.sync.sort()).toEqual(expected);
    }),
  );

  it.each([
    ['a file', 'a/b', /^a\/b-[0-9a-f]{12}\/c$/],
    ['a file at the top', 'a', /^a-[0-9a-f]{12}\/b\/c$/],
    ['a file of the same name', 'a/b/c', /^a\/b\/c-[0-9a-f]{12}$/],
    ['a folder of the same name', 'a/b/c/x', /^a\/b\/c-[0-9a-f]{12}$/],
  ])('leads a file around %s that appeared after the plan', (_what, other, expected) =>
    inFolder(async (folder) => {
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/b/c', 'd']);
      put(folder, other);
      const placed = await placeFiles(inbox, plan);
      expect(placed.files.map(({ path }) => path)).toEqual([expect.stringMatching(expected), 'd']);
      await expectPlaced(inbox, placed);
      expect(readFileSync(join(folder, other), 'utf8')).toBe('somebody’s');
    }),
  );

  it('remembers where it has led a file if the process dies right after', () =>
    inFolder(async (folder) => {
      const dying: Disk = {
        ...machineDisk,
        rename: async (from, to) => {
          await machineDisk.rename(from, to);
          if (!to.includes('.consumer')) throw new Error('killed');
        },
      };
      const { inbox, plan } = await plannedIn(folder, 'tree', ['b', 'c'], dying);
      put(folder, 'b');
      await expect(placeFiles(inbox, plan)).rejects.toThrow('killed');
      const next = inboxAt(folder);
      const [resumed] = await next.interrupted(0);
      if (!resumed) throw new Error('there is no plan');
      await expectPlaced(next, await placeFiles(next, resumed));
      expect(Object.values(visibleFiles(folder)).sort()).toEqual(['b', 'c', 'somebody’s']);
    }));

  it('fails if a folder cannot be created for another reason', () =>
    inFolder(async (folder) => {
      const full = async (path: string) => {
        if (path.endsWith('a')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return machineDisk.mkdir(path);
      };
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a/b'], { ...machineDisk, mkdir: full });
      await expect(placeFiles(inbox, plan)).rejects.toThrow('no space');
    }));

  it('takes the files of one bundle after those of another', () =>
    inFolder(async (folder) => {
      const { inbox, plan } = await plannedIn(folder, 'tree', ['a']);
      const other = keyOf(2);
      mkdirSync(join(inbox.paths.work(other), 'files'), { recursive: true });
      writeFileSync(join(inbox.paths.work(other), 'files/a'), 'the other');
      // Both were planned before either was placed.
      const second = { ...plan, bundle: { key: other, size: 1 } };
      const placed = await Promise.all([placeFiles(inbox, plan), placeFiles(inbox, second)]);
      const [one, two] = placed.map(({ files }) => files[0]?.path ?? '');
      expect(visibleFiles(folder)).toEqual({ [one ?? '']: 'a', [two ?? '']: 'the other' });
    }));
});

describe('the paths of files in a tree', () => {
  const files = (...names: string[]) => names.map((name) => ({ name, identity: `${name}/v1` }));

  it('are different on every file system, whatever the target already has', () =>
    inFolder(async (folder) => {
      const inbox = inboxAt(folder);
      put(folder, 'taken');
      const paths = await choosePaths(inbox, files('taken', 'a', 'A', 'b/c', 'B/c', 'free'));
      expect(paths).toEqual([
        expect.stringMatching(/^taken-[0-9a-f]{12}$/),
        'a',
        expect.stringMatching(/^A-[0-9a-f]{12}$/),
        'b/c',
        expect.stringMatching(/^B\/c-[0-9a-f]{12}$/),
        'free',
      ]);
    }));

  it('have no file where another has a folder', () =>
    inFolder(async (folder) => {
      const paths = await choosePaths(inboxAt(folder), files('a/b/c', 'A', 'a/B', 'd', 'D/e'));
      expect(paths).toEqual([
        'a/b/c',
        expect.stringMatching(/^A-[0-9a-f]{12}$/),
        expect.stringMatching(/^a\/B-[0-9a-f]{12}$/),
        'd',
        expect.stringMatching(/^D-[0-9a-f]{12}\/e$/),
      ]);
    }));

  it('are looked up on disk once each', () =>
    inFolder(async (folder) => {
      let lookups = 0;
      const lstat: Disk['lstat'] = (path) => {
        lookups++;
        return machineDisk.lstat(path);
      };
      put(folder, 'a/x');
      const names = Array.from({ length: 50 }, (_, index) => `a/${index}`);
      await choosePaths(inboxAt(folder, { ...machineDisk, lstat }), files(...names));
      expect(lookups).toBeLessThanOrEqual(51);
    }));

  it('fail if the disk does', () =>
    inFolder(async (folder) => {
      const lstat = () => Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }));
      await expect(choosePaths(inboxAt(folder, { ...machineDisk, lstat }), files('a'))).rejects.toThrow(
        'i/o error',
      );
    }));
});
