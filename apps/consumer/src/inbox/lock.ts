import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { machineDisk } from './disk.ts';
import { unlessMissing, writeDurably } from './durable.ts';

/*
 * One consumer per inbox. Locks are numbered files, and the highest number is the current one. Who takes over a dead consumer's lock
 * creates the next number, which only one can do. The highest file is never removed, so a number is never used twice.
 *
 *     lock-7  host a, process 4711      dead
 *     lock-8  host a, process 4720      created by the one that won
 *
 * A lock of a process on this machine is dead if the process is gone. A process on another machine, in another container, or of another
 * user where the system hides those, cannot be seen: its lock is dead if its file has not been touched for two minutes. Its holder touches
 * it every ten seconds.
 */

/** Another consumer works on the inbox. */
export class InboxLocked extends Error {
  override readonly name = 'InboxLocked';
}

export interface Lock {
  /** Aborts if another consumer has taken the lock over, because this one seemed dead. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Who holds a lock. */
export interface Holder {
  pid: number;
  host: string;
  /** Identifies the boot of the machine and the start of the process, as far as the system tells. */
  process: string;
  state: 'held' | 'released';
}

const holderSchema = v.object({
  pid: v.number(),
  host: v.string(),
  process: v.string(),
  state: v.picklist(['held', 'released']),
});

const PROC = '/proc';
const TOUCH_MS = 10_000;
const SILENT_MS = 120_000;
/** Locks that are being written; a process that was killed leaves one behind. */
const FRESH = 'new-lock-';
const FILE = /^lock-(\d+)$/;

/** @param folder exists @param proc what Linux tells about processes @throws InboxLocked */
export async function takeLock(folder: string, proc = PROC): Promise<Lock> {
  const newest = await newestLock(folder);
  if (newest) {
    const holder = await readHolder(newest.path);
    if (holder === undefined || (await isAlive(holder, newest.path, proc))) {
      const who = holder ? `process ${holder.pid} on ${holder.host}` : 'an unknown process';
      throw new InboxLocked(`Another consumer works on this inbox: ${who} (${newest.path}).`);
    }
  }
  const number = (newest?.number ?? 0) + 1;
  const path = join(folder, `lock-${number}`);
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    process: processId(process.pid, proc) ?? '',
    state: 'held',
  };
  const fresh = join(folder, `${FRESH}${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(fresh, JSON.stringify(mine));
    // Unlike a rename, a link fails if the name exists. Unlike an exclusive open, its content is complete at once.
    await link(fresh, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: whoever won has removed ours.
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    throw new InboxLocked(`Another consumer has just started on this inbox (${path}).`);
  } finally {
    await rm(fresh, { force: true });
  }
  await removeOlder(folder, number);
  return holdLock(folder, path, number, mine);
}

function holdLock(folder: string, path: string, number: number, mine: Holder): Lock {
  const losing = new AbortController();
  const touching = setInterval(() => {
    void (async () => {
      const newest = await newestLock(folder);
      if (newest?.number === number) await utimes(path, new Date(), new Date());
      else
        losing.abort(
          new InboxLocked(`Another consumer has taken over this inbox (${newest?.path ?? folder}).`),
        );
      // A disk that cannot be written shows in the work itself.
    })().catch(() => undefined);
  }, TOUCH_MS);
  touching.unref();
  return {
    lost: losing.signal,
    async release() {
      clearInterval(touching);
      if (!losing.signal.aborted)
        await writeDurably(path, JSON.stringify({ ...mine, state: 'released' }), machineDisk);
    },
  };
}

/** Who works on an inbox now; undefined if nobody does. */
export async function currentHolder(folder: string, proc = PROC): Promise<Holder | undefined> {
  const newest = await newestLock(folder);
  const holder = newest && (await readHolder(newest.path));
  return newest && holder && (await isAlive(holder, newest.path, proc)) ? holder : undefined;
}

async function newestLock(folder: string): Promise<{ number: number; path: string } | undefined> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  const numbers = names.flatMap((name) => FILE.exec(name)?.slice(1).map(Number) ?? []);
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  return { number, path: join(folder, `lock-${number}`) };
}

/** Only for the holder of the lock. */
async function removeOlder(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const other = FILE.exec(name)?.[1];
    const isOlder = other !== undefined && Number(other) < number;
    if (isOlder || name.startsWith(FRESH)) await rm(join(folder, name), { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await unlessMissing(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    return v.parse(holderSchema, JSON.parse(text));
  } catch {
    // After a crash of the machine, the file can be empty. The process that wrote it is gone if the file is old.
    const { mtimeMs } = await stat(path);
    return { pid: 0, host: '', process: '', state: Date.now() - mtimeMs > SILENT_MS ? 'released' : 'held' };
  }
}

async function isAlive(holder: Holder, path: string, proc: string): Promise<boolean> {
  if (holder.state === 'released') return false;
  if (holder.host === hostname() && holder.process !== '') {
    const found = processId(holder.pid, proc);
    const isHidden = found?.endsWith(UNKNOWN_START) === true && holder.process.startsWith(found);
    if (!isHidden) return found === holder.process;
  }
  const touched = await unlessMissing(stat(path));
  return touched !== undefined && Date.now() - touched.mtimeMs < SILENT_MS;
}

/** Ends the id of a process whose start time the system hides. */
const UNKNOWN_START = '/';

/**
 * Identifies a process of this machine beyond its number, which is used again after its end: on Linux by boot and start time.
 *
 * @returns undefined if there is no such process
 */
function processId(pid: number, proc: string): string | undefined {
  if (!exists(pid)) return undefined;
  if (process.platform !== 'linux') return `${pid}`;
  const read = (path: string) => readFileSync(join(proc, path), 'utf8');
  try {
    const id = `${read('sys/kernel/random/boot_id').trim()}/${pid}`;
    try {
      // The name of the program, in parentheses, may contain spaces and parentheses.
      const fields = read(`${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
      // A zombie has ended: its parent has not asked for its status yet.
      return fields[0] === 'Z' ? undefined : `${id}/${fields[19] ?? ''}`;
    } catch {
      // It has just ended, or `ProtectProc=` or `hidepid=` hides it because it is another user's.
      return exists(pid) ? `${id}${UNKNOWN_START}` : undefined;
    }
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  return true;
}
