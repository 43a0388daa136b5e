import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inFolder } from '../testing/folder.ts';
import { machineDisk } from './disk.ts';
import { makeFolder } from './durable.ts';

/** The folders that are synced while `makeFolder` makes a folder. */
async function syncedBy(folder: string): Promise<string[]> {
  const synced: string[] = [];
  await makeFolder(folder, {
    ...machineDisk,
    async open(path, flags) {
      const file = await machineDisk.open(path, flags);
      return Object.assign(file, { sync: async () => void synced.push(path) });
    },
  });
  return synced;
}

describe('makeFolder', () => {
  it('syncs the names of all folders that it creates', async () => {
    await inFolder(async (root) => {
      await expect(syncedBy(join(root, 'a', 'b'))).resolves.toEqual([root, join(root, 'a')]);
    });
  });

  it('syncs the name of a folder that a process created and did not live to sync', async () => {
    await inFolder(async (root) => {
      const folder = join(root, 'a');
      mkdirSync(folder);
      await expect(syncedBy(folder)).resolves.toEqual([dirname(folder)]);
    });
  });
});
