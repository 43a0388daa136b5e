import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/*
 * Lets commands on this machine find a cloud that `npm run cloud` keeps running, because its port and credentials
 * change at every start. Each cloud writes a record `<environment>.<id>.json`; `<environment>.json` is a copy of the
 * newest cloud's record. Records contain credentials, so only their owner may read them.
 */

const record = v.object({
  pid: v.number(),
  /** Milliseconds since 1970. */
  started: v.number(),
  endpoint: v.string(),
  region: v.string(),
  credentials: v.object({ accessKeyId: v.string(), secretAccessKey: v.string() }),
});
type Record = v.InferOutput<typeof record>;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface Place {
  /** `http://127.0.0.1:43210` */
  readonly endpoint: string;
  readonly region: string;
}

/** A running cloud with the administrator's credentials. */
export interface CloudInstance extends Place {
  readonly credentials: Credentials;
}

const recordFolder = join(import.meta.dirname, '../../../../out/cloud');

/**
 * Registers a cloud run by this process until disposed of. If several clouds run the same templates, the newest is
 * found; once it has stopped, the one before it.
 */
export function registerInstance(
  environment: string,
  {
    endpoint,
    region,
    credentials: { admin },
  }: Place & { readonly credentials: { readonly admin: Credentials } },
  folder = recordFolder,
): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { accessKeyId, secretAccessKey } = admin;
  const own = join(folder, `${environment}.${randomUUID()}.json`);
  const last = records(environment, folder).at(0)?.started ?? 0;
  write(own, {
    pid: process.pid,
    started: Math.max(Date.now(), last + 1),
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    copyNewest(environment, folder);
  } catch (error) {
    rmSync(own, { force: true });
    throw error;
  }
  return {
    [Symbol.dispose]() {
      rmSync(own, { force: true });
      copyNewest(environment, folder);
    },
  };
}

/** The newest running cloud of an environment; undefined if there is none. Killed clouds do not count. */
export function findInstance(environment: string, folder = recordFolder): CloudInstance | undefined {
  const [newest] = records(environment, folder);
  return newest && shown(newest);
}

/** The running cloud with that endpoint, in any environment. */
export function findInstanceAt(endpoint: string, folder = recordFolder): CloudInstance | undefined {
  const sought = new URL(endpoint).origin;
  const found = records(undefined, folder).find((one) => new URL(one.endpoint).origin === sought);
  return found && shown(found);
}

const shown = ({ endpoint, region, credentials }: Record): CloudInstance => ({
  endpoint,
  region,
  credentials,
});

/** Records of running clouds, newest first. Removes records of killed clouds. */
function records(environment: string | undefined, folder: string): Record[] {
  const found: Record[] = [];
  for (const file of namesIn(folder)) {
    const [, name] = /^(.+)\.[0-9a-f-]{36}\.json$/.exec(file) ?? [];
    if (name === undefined || (environment !== undefined && name !== environment)) continue;
    const path = join(folder, file);
    const text = read(path);
    if (text === undefined) continue;
    const one = v.parse(record, JSON.parse(text));
    if (isAlive(one.pid)) found.push(one);
    else rmSync(path, { force: true });
  }
  return found.sort((one, other) => other.started - one.started);
}

function copyNewest(environment: string, folder: string): void {
  const copy = join(folder, `${environment}.json`);
  const [newest] = records(environment, folder);
  if (newest) write(copy, newest);
  else rmSync(copy, { force: true });
}

/** Writes a file atomically, readable by its owner only. */
function write(file: string, content: Record): void {
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    // Otherwise each attempt on a full disk would leave a file with credentials.
    rmSync(temporary, { force: true });
    throw error;
  }
}

function namesIn(folder: string): string[] {
  return unlessMissing(() => readdirSync(folder)) ?? [];
}

function read(file: string): string | undefined {
  return unlessMissing(() => readFileSync(file, 'utf8'));
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process exists but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
