import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, type SourceFile } from '@data-aggregator/pipeline-client';

export interface Collection {
  files: SourceFile[];
  /** Entries of the folder that are not sent. */
  leftOut: { path: string; reason: LeftOutReason }[];
}

export type LeftOutReason =
  | 'symbolic link'
  | 'special file'
  | 'path longer than 1,024 bytes'
  | 'name not UTF-8';

export interface CollectOptions {
  /** Selects files by name; default: all. */
  wanted?: (name: string) => boolean;
  signal?: AbortSignal;
}

const MAX_KEY_BYTES = 1024;
/** The limit of one PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

/**
 * Finds all files below a folder; their keys are their relative paths.
 *
 * @returns in the order of their keys
 * @throws Failure if it is not a folder, has no files, or has an unreadable file; the signal's reason
 */
export async function collect(folder: string, options: CollectOptions = {}): Promise<Collection> {
  const stats = await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(
      cause.code === 'ENOENT'
        ? `There is no folder ${folder}.`
        : `${folder} cannot be read: ${cause.message}.`,
      { cause },
    );
  });
  if (!stats.isDirectory()) throw new Failure(`${folder} is not a folder.`);
  const collection: Collection = { files: [], leftOut: [] };
  await walk(folder, '', options, collection);
  if (collection.files.length === 0) throw new Failure(`There is no file in ${folder}.`);
  return collection;
}

async function walk(
  folder: string,
  prefix: string,
  options: CollectOptions,
  { files, leftOut }: Collection,
): Promise<void> {
  // Names are bytes. Node would decode invalid UTF-8 as `\ufffd`, and then not find the file.
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' }).catch(
    unreadable(folder),
  );
  const named = entries.map((entry) => ({ entry, name: entry.name.toString() }));
  for (const { entry, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    options.signal?.throwIfAborted();
    const [path, key] = [join(folder, name), prefix + name];
    if (!Buffer.from(name).equals(entry.name)) {
      leftOut.push({ path, reason: 'name not UTF-8' });
    } else if (entry.isDirectory()) {
      await walk(path, `${key}/`, options, { files, leftOut });
    } else if (options.wanted?.(name) ?? true) {
      if (entry.isSymbolicLink()) leftOut.push({ path, reason: 'symbolic link' });
      else if (!entry.isFile()) leftOut.push({ path, reason: 'special file' });
      else if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
        leftOut.push({ path, reason: 'path longer than 1,024 bytes' });
      } else files.push({ key, path, size: await sizeOf(path) });
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  await access(path, constants.R_OK).catch(unreadable(path));
  const { size } = await stat(path).catch(unreadable(path));
  if (size > MAX_PUT_BYTES) {
    throw new Failure(`${path} has ${size} bytes; S3 takes at most ${MAX_PUT_BYTES} in one request.`);
  }
  return size;
}

function unreadable(path: string) {
  return (cause: Error): never => {
    throw new Failure(`${path} cannot be read: ${cause.message}.`, { cause });
  };
}

/** The workspace's folder. */
export const workspaceRoot = join(import.meta.dirname, '../../..');

/** Files that every package has: package.json, licence, README. */
const WANTED = /^(?:package\.json|(?:licen[cs]e|readme)(?:[-.].*)?)$/i;

/**
 * Real input that is always available: some thousands of small files of the installed packages, with deep paths, `@` in names,
 * and many identical contents.
 *
 * @throws Failure if nothing is installed; the signal's reason
 */
export async function installedPackages(signal?: AbortSignal): Promise<Collection> {
  const { files } = await collect(join(workspaceRoot, 'node_modules'), {
    wanted: (name) => WANTED.test(name),
    ...(signal && { signal }),
  });
  // Links in node_modules lead to the workspace's own packages.
  return { files, leftOut: [] };
}
