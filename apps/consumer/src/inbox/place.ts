import { dirname, join } from 'node:path';
import { fold } from '@data-aggregator/shared-processing/keys';
import type { Disk } from './disk.ts';
import { createFolders, syncFolder, syncFolders, unlessMissing } from './durable.ts';
import type { Inbox } from './inbox.ts';
import { type FileToPlace, freeFolder, freePath, type Occupant } from './layout.ts';
import type { LocalReceipt } from './local-receipt.ts';

/** Chooses the folder of a bundle. */
export function chooseFolder(inbox: Inbox, id: string): Promise<string> {
  return freeFolder(id, (path) => occupantOf(join(inbox.root, path), inbox.disk));
}

/** Chooses the path of each file in the tree, so that none replaces another. @returns paths in the order of the files */
export async function choosePaths(inbox: Inbox, files: readonly FileToPlace[]): Promise<string[]> {
  const chosen = new Set<string>();
  const folders = new Set<string>();
  const occupant = async (path: string): Promise<Occupant> => {
    const folded = fold(path);
    if (chosen.has(folded)) return 'other';
    if (folders.has(folded)) return 'folder';
    return occupantOf(join(inbox.root, path), inbox.disk);
  };
  const paths: string[] = [];
  for (const file of files) {
    const path = await freePath(file, occupant);
    chosen.add(fold(path));
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(fold(folder));
    paths.push(path);
  }
  return paths;
}

async function occupantOf(path: string, disk: Disk): Promise<Occupant> {
  const found = await unlessMissing(disk.lstat(path));
  if (found === undefined) return 'nothing';
  return found.isDirectory() ? 'folder' : 'other';
}

/**
 * Makes the files of a bundle visible: a folder with one rename; a tree file by file. It can be repeated after a crash at any point,
 * and never replaces a file. If somebody else has put something in the way since the plan was made, the plan is changed first.
 *
 * @returns the plan as carried out
 */
export function placeFiles(inbox: Inbox, plan: LocalReceipt): Promise<LocalReceipt> {
  // Two bundles may have planned the same path: one at a time, so that the second sees the first.
  return inbox.exclusively(() =>
    plan.layout === 'bundle' ? placeFolder(inbox, plan) : placeTree(inbox, plan),
  );
}

async function placeFolder(inbox: Inbox, plan: LocalReceipt): Promise<LocalReceipt> {
  const staged = join(inbox.paths.work(plan.bundle.key), 'files');
  if ((await occupantOf(staged, inbox.disk)) === 'nothing') {
    // An earlier attempt has moved it, and may have died before the sync.
    await syncFolder(inbox.root, inbox.disk);
    return plan;
  }
  if ((await occupantOf(join(inbox.root, plan.folder), inbox.disk)) !== 'nothing') {
    const folder = await chooseFolder(inbox, plan.folder);
    const files = plan.files.map((file) => ({ ...file, path: `${folder}/${file.name}` }));
    const changed = { ...plan, folder, files };
    await inbox.writePlan(changed);
    return placeFolder(inbox, changed);
  }
  await inbox.disk.rename(staged, join(inbox.root, plan.folder));
  await syncFolder(inbox.root, inbox.disk);
  return plan;
}

async function placeTree(inbox: Inbox, plan: LocalReceipt): Promise<LocalReceipt> {
  const staged = join(inbox.paths.work(plan.bundle.key), 'files');
  const folders = new Set<string>();
  let current = plan;
  for (const [index, file] of plan.files.entries()) {
    const from = join(staged, ...file.name.split('/'));
    if ((await occupantOf(from, inbox.disk)) === 'nothing') continue;
    let path = file.path;
    while (!(await moveWithoutReplacing(from, join(inbox.root, ...path.split('/')), folders, inbox.disk))) {
      const [other] = await choosePaths(inbox, [
        { name: file.name, identity: `${file.key}/${file.versionId ?? ''}` },
      ]);
      path = other ?? path;
      const files = current.files.map((it, at) => (at === index ? { ...it, path } : it));
      current = { ...current, files };
      await inbox.writePlan(current);
    }
  }
  const toSync = foldersOf(current, inbox.root);
  const { disk } = inbox;
  if (toSync.size < disk.manyFiles || !(await disk.syncFileSystem(inbox.root)))
    await syncFolders(toSync, disk);
  return current;
}

/** The folders of a plan's files up to the root, those included that an earlier attempt has created. */
function foldersOf({ files }: LocalReceipt, root: string): Set<string> {
  const folders = new Set([root]);
  for (const { path } of files) {
    for (let at = dirname(path); !folders.has(join(root, at)); at = dirname(at)) {
      folders.add(join(root, at));
    }
  }
  return folders;
}

/**
 * The inbox is the consumer's: other programs take files out of it, but put none in. So nothing appears between the check and the
 * rename.
 *
 * @returns false if there is something at `to`, or a file where a folder of it must be
 */
async function moveWithoutReplacing(
  from: string,
  to: string,
  folders: Set<string>,
  disk: Disk,
): Promise<boolean> {
  const folder = dirname(to);
  if (!folders.has(folder)) {
    try {
      await createFolders(folder, disk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTDIR' || code === 'EEXIST') return false;
      throw error;
    }
    folders.add(folder);
  }
  if ((await occupantOf(to, disk)) !== 'nothing') return false;
  await disk.rename(from, to);
  return true;
}
