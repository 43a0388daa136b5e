import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inFolder } from '../testing/folder.ts';
import { currentHolder, InboxLocked, takeLock } from './lock.ts';

const lockOf = (host: string, pid: number, process = 'x') =>
  JSON.stringify({ pid, host, process, state: 'held' });

it('is held by one consumer at a time', () =>
  inFolder(async (folder) => {
    const lock = await takeLock(folder);
    await expect(takeLock(folder)).rejects.toThrow(InboxLocked);
    await expect(takeLock(folder)).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
    await expect(currentHolder(folder)).resolves.toMatchObject({ pid: process.pid });
    await lock.release();
    await expect(currentHolder(folder)).resolves.toBeUndefined();
    await (await takeLock(folder)).release();
  }));

it('is given to one of many that ask at the same time, also after a dead one', () =>
  inFolder(async (folder) => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(folder, 'lock-7'), lockOf(hostname(), pid, `boot/${pid}/1`));
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(folder)));
    const taken = results.filter(({ status }) => status === 'fulfilled');
    expect(taken).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['lock-8']);
  }));

it('is not taken from a process whose number was used again', () =>
  inFolder(async (folder) => {
    // The same number, but another start time: the process that held it is gone.
    writeFileSync(join(folder, 'lock-1'), lockOf(hostname(), process.pid, 'boot/other/start'));
    await (await takeLock(folder)).release();
  }));

it('of another machine is respected until it is silent for two minutes', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'lock-1');
    writeFileSync(path, lockOf('elsewhere', 1));
    await expect(takeLock(folder)).rejects.toThrow('process 1 on elsewhere');
    const old = new Date(Date.now() - 121_000);
    utimesSync(path, old, old);
    const lock = await takeLock(folder);
    expect(readdirSync(folder)).toEqual(['lock-2']);
    await lock.release();
  }));

it('that a crash left empty is respected until it is old', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'lock-1');
    writeFileSync(path, '');
    await expect(takeLock(folder)).rejects.toThrow(InboxLocked);
    const old = new Date(Date.now() - 121_000);
    utimesSync(path, old, old);
    await (await takeLock(folder)).release();
  }));

it('never uses a number twice', () =>
  inFolder(async (folder) => {
    for (let count = 0; count < 3; count++) await (await takeLock(folder)).release();
    expect(readdirSync(folder)).toEqual(['lock-3']);
    expect(readFileSync(join(folder, 'lock-3'), 'utf8')).toContain('released');
  }));
