import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './node.mjs';

const RETRY_MS = 100;
const HEARTBEAT_MS = 2_000;
/** A lock without a heartbeat for this long has no holder, even if another process has the holder's id now. */
const STALE_MS = 30_000;

/**
 * Runs `work` while no other process runs any under the same lock. Waits without limit. Takes over the lock of a holder
 * that died.
 *
 * @template T
 * @param {string} file the lock
 * @param {() => Promise<T>} work
 * @param {{ onWait?: () => void }} [options] onWait: called once if another process holds the lock
 * @returns {Promise<T>}
 * @throws Failure if the lock cannot be written
 */
export async function exclusively(file, work, { onWait } = {}) {
  makeFolder(file);
  for (let waited = false; !take(file);) {
    if (breakStale(file)) continue;
    if (!waited) onWait?.();
    waited = true;
    await sleep(RETRY_MS);
  }
  const heartbeat = setInterval(() => utimesSync(file, new Date(), new Date()), HEARTBEAT_MS);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

function makeFolder(file) {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** Creates the lock together with its content, so that other processes never see it empty. */
function take(file) {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, String(process.pid));
    linkSync(draft, file);
    return true;
  } catch (cause) {
    if (cause.code !== 'EEXIST') throw unwritable(file, cause);
    return false;
  } finally {
    // A full disk leaves it empty; a read-only one never has it.
    rmSync(draft, { force: true });
  }
}

function unwritable(file, cause) {
  return new Failure(`${file} cannot be written: ${cause.message}.`, { cause });
}

/**
 * Removes a lock whose holder is dead.
 *
 * @returns whether to try again immediately
 */
function breakStale(file) {
  if (!isStale(file)) return false;
  // Only one process may break it. Another one, acting on an old check, would remove the next holder's lock.
  const breaking = `${file}.breaking`;
  if (!take(breaking)) {
    removeOld(breaking);
    return false;
  }
  try {
    if (isStale(file)) rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(breaking, { force: true });
  }
}

/** Breaking takes milliseconds, so an old marker belongs to a process that died while breaking. */
function removeOld(breaking) {
  if (ageMs(breaking) <= STALE_MS) return;
  const aside = `${breaking}.${randomUUID()}`;
  try {
    renameSync(breaking, aside);
    rmSync(aside);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isStale(file) {
  try {
    return ageMs(file) > STALE_MS || !isAlive(Number(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The age of a file in milliseconds; -Infinity if it is gone. */
function ageMs(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? Date.now() - stats.mtimeMs : -Infinity;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists but belongs to another user.
    return error.code === 'EPERM';
  }
}
