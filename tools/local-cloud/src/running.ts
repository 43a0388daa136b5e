import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Cloud } from './cloud.ts';
import { adminCredentials } from './gateway/credentials.ts';

/*
 * How commands on this machine find a cloud that `npm run cloud` keeps running: by a note in the workspace, since its
 * port is another each time.
 */
export { adminCredentials };

const note = v.object({
  pid: v.number(),
  endpoint: v.string(),
  region: v.string(),
});

/** Where a running cloud is. */
export type RunningCloud = Pick<Cloud, 'endpoint' | 'region'>;

const noteFolder = join(import.meta.dirname, '../../../out/cloud');

/**
 * Leaves a note of a cloud that this process runs, until it is disposed of. Of two with the same templates the later
 * one is found.
 */
export function leaveNote(
  environment: string,
  { endpoint, region }: RunningCloud,
  folder = noteFolder,
): Disposable {
  const file = join(folder, `${environment}.json`);
  const text = JSON.stringify({ pid: process.pid, endpoint, region });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return {
    [Symbol.dispose]() {
      if (read(file) === text) rmSync(file, { force: true });
    },
  };
}

/** The cloud that runs an environment's templates; undefined where none does, or where it was killed. */
export function runningCloud(environment: string, folder = noteFolder): RunningCloud | undefined {
  const text = read(join(folder, `${environment}.json`));
  if (text === undefined) return undefined;
  const { pid, endpoint, region } = v.parse(note, JSON.parse(text));
  return isAlive(pid) ? { endpoint, region } : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
