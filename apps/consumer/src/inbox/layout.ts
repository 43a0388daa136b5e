import { fold, otherName } from '@data-aggregator/shared-processing/keys';

/** The consumer's own folder inside the target. */
export const STATE_FOLDER = '.consumer';

/** A file to place: its path in the bundle, and what distinguishes it from others with that path. */
export interface FileToPlace {
  name: string;
  /** Differs between versions of one key. */
  identity: string;
}

/** What is at a path of the target. */
export type Occupant = 'nothing' | 'folder' | 'other';

/**
 * Paths for a file in a tree, most wanted first. The first is the file's name. If another version of the key has it, the next has a
 * suffix: `a/report.csv`, then `a/report-0123456789ab.csv`. If a folder on the way is a file already, the folder gets a suffix instead.
 *
 * @param occupant what the target has at a path
 * @returns the first path that is free
 */
export async function freePath(
  { name, identity }: FileToPlace,
  occupant: (path: string) => Promise<Occupant>,
): Promise<string> {
  const segments = name.split('/');
  let folder = '';
  for (const segment of segments.slice(0, -1)) {
    folder = await firstPath(folder, segment, identity, async (path) => (await occupant(path)) !== 'other');
  }
  const file = segments.at(-1) ?? '';
  return firstPath(folder, file, identity, async (path) => (await occupant(path)) === 'nothing');
}

async function firstPath(
  folder: string,
  segment: string,
  identity: string,
  isFree: (path: string) => Promise<boolean>,
): Promise<string> {
  const isReserved = folder === '' && fold(segment) === STATE_FOLDER;
  for (let attempt = isReserved ? 1 : 0; ; attempt++) {
    const other = attempt === 0 ? segment : otherName(segment, `${attempt}/${identity}`);
    const path = folder === '' ? other : `${folder}/${other}`;
    if (await isFree(path)) return path;
  }
}

/** A folder's name for a bundle: its id, or the id with a number if the target already has something of this name. */
export async function freeFolder(id: string, occupant: (path: string) => Promise<Occupant>): Promise<string> {
  for (let count = 1; ; count++) {
    const folder = count === 1 ? id : `${id}-${count}`;
    if ((await occupant(folder)) === 'nothing') return folder;
  }
}
