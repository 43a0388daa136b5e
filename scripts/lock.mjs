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

const RETRY_MS = 100;
const HEARTBEAT_MS = 2_000;
/** A lock without heartbeat for so long has no holder, whatever process has its number now. */
const STALE_MS = 30_000;

/**
 * Does something while no other process does anything under the same lock; waits for it as long as it takes. A lock
 * whose holder died is taken over.
 *
 * @template T
 * @param {string} file the lock
 * @param {() => Promise<T>} work
 * @param {{ onWait?: () => void }} [options] onWait: told once, where another process holds the lock
 * @returns {Promise<T>}
 */
export async function exclusively(file, work, { onWait } = {}) {
  mkdirSync(dirname(file), { recursive: true });
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

/** Puts the lock there with its content in one act: it is never seen empty. */
function take(file) {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}

/**
 * Removes a lock whose holder is dead.
 *
 * @returns whether it is worth trying again at once
 */
function breakStale(file) {
  if (!isStale(file)) return false;
  // Only one breaks it: who looked too late would else remove the lock of the next holder.
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

/** Breaking takes no time: who has not finished in that of many heartbeats died over it. */
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

/** -Infinity for a file that is gone: it is not old. */
function ageMs(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? Date.now() - stats.mtimeMs : -Infinity;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives.
    return error.code === 'EPERM';
  }
}
