import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { Measured } from '@data-aggregator/shared-processing/checksum';
import { Failure } from '../program.ts';
import { measureFile } from './measure-file.ts';

const execute = promisify(execFile);

/** A tar program. */
export interface Tar {
  command: string;
  /** `tar (GNU tar) 1.34` */
  version: string;
}

/**
 * Finds GNU tar, or else another tar (macOS has bsdtar).
 *
 * @throws Failure if there is none
 */
export async function findTar(): Promise<Tar> {
  const found: Tar[] = [];
  for (const command of ['tar', 'gtar']) {
    try {
      const { stdout } = await execute(command, ['--version']);
      found.push({ command, version: stdout.split('\n')[0] ?? '' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const tar = found.find(({ version }) => version.includes('GNU tar')) ?? found[0];
  if (!tar) throw new Failure('Checking bundles needs a tar program, and PATH has none.');
  return tar;
}

/**
 * Extracts a bundle with tar, and measures the extracted files.
 *
 * @param folder an empty folder
 * @returns size and checksums by path with `/`; `undefined` for anything but a file or folder
 * @throws Error with tar's message
 */
export async function extract(
  { command }: Tar,
  bundle: string,
  folder: string,
): Promise<Map<string, Measured | undefined>> {
  // Names are UTF-8, whatever the user's locale is.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  await execute(command, ['--extract', '--file', bundle, '--directory', folder], { env });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Measured | undefined>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    files.set(name, entry.isFile() ? await measureFile(path) : undefined);
  }
  return files;
}
