import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { inFolder } from '../testing/folder.ts';
import { until } from '../testing/until.ts';
import { currentHolder, InboxLocked, takeLock } from './lock.ts';

const onLinux = process.platform === 'linux' ? it : it.skip;
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
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(failures).toEqual(Array.from({ length: 19 }, () => expect.any(InboxLocked)));
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

describe('while it is held', () => {
  // Everything but setInterval and clearInterval.
  const doNotFake = ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const;
  const others = ['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const;
  beforeEach(() => jest.useFakeTimers({ doNotFake: [...doNotFake, ...others] }));
  afterEach(() => jest.useRealTimers());

  /** The lock is looked at every ten seconds. */
  const pass = () => jest.advanceTimersByTime(10_000);

  it('is touched, so that other machines see that its process is alive', () =>
    inFolder(async (folder) => {
      const lock = await takeLock(folder);
      const path = join(folder, 'lock-1');
      const old = new Date(Date.now() - 121_000);
      utimesSync(path, old, old);
      pass();
      await until(() => statSync(path).mtimeMs > old.getTime());
      expect(lock.lost.aborted).toBe(false);
      await lock.release();
      expect(jest.getTimerCount()).toBe(0);
    }));

  it('is lost once another machine has taken it over, and is not released then', () =>
    inFolder(async (folder) => {
      const lock = await takeLock(folder);
      const theirs = join(folder, 'lock-2');
      writeFileSync(theirs, lockOf('elsewhere', 1));
      pass();
      await until(() => lock.lost.aborted);
      expect(lock.lost.reason).toBeInstanceOf(InboxLocked);
      expect((lock.lost.reason as Error).message).toContain(theirs);
      await lock.release();
      expect(readFileSync(join(folder, 'lock-1'), 'utf8')).toContain('held');
      await expect(currentHolder(folder)).resolves.toMatchObject({ host: 'elsewhere' });
    }));
});

it('names its holder, unless that has ended', () =>
  inFolder(async (folder) => {
    await expect(currentHolder(join(folder, 'missing'))).resolves.toBeUndefined();
    writeFileSync(join(folder, 'lock-1'), lockOf(hostname(), process.pid, 'boot/other/start'));
    await expect(currentHolder(folder)).resolves.toBeUndefined();
    writeFileSync(join(folder, 'lock-2'), lockOf('elsewhere', 1));
    await expect(currentHolder(folder)).resolves.toEqual({
      ...{ pid: 1, host: 'elsewhere', process: 'x', state: 'held' },
    });
    const old = new Date(Date.now() - 121_000);
    utimesSync(join(folder, 'lock-2'), old, old);
    await expect(currentHolder(folder)).resolves.toBeUndefined();
  }));

onLinux('of a zombie can be taken: its process has ended', () =>
  inFolder(async (folder) => {
    // `cat` ends with its input, when the shell has become a program that does not ask for the status of its child.
    const child = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60 3<&-'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    try {
      const output = child.stdio[1] as Readable;
      const input = child.stdio[3] as Writable;
      const [line] = (await once(output, 'data')) as [Buffer];
      const pid = Number(line.toString());
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      await until(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'sleep\n');
      input.end();
      await until(() => stat()[0] === 'Z');
      writeFileSync(join(folder, 'lock-1'), lockOf(hostname(), pid, `${boot}/${pid}/${stat()[19]}`));
      await (await takeLock(folder)).release();
    } finally {
      child.kill();
    }
  }),
);

describe('of a process that the system hides', () => {
  /** A folder with a lock, and what Linux tells: nothing about processes. */
  async function withHidden(holder: string, test: (folder: string, proc: string) => Promise<void>) {
    await inFolder(async (folder) => {
      const proc = join(folder, 'proc');
      mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true });
      writeFileSync(join(proc, 'sys/kernel/random/boot_id'), 'boot\n');
      const state = join(folder, 'state');
      mkdirSync(state);
      writeFileSync(join(state, 'lock-1'), lockOf(hostname(), process.pid, holder));
      await test(state, proc);
    });
  }

  onLinux('is respected until it is silent for two minutes', () =>
    withHidden(`boot/${process.pid}/4711`, async (folder, proc) => {
      await expect(currentHolder(folder, proc)).resolves.toMatchObject({ pid: process.pid });
      await expect(takeLock(folder, proc)).rejects.toThrow(InboxLocked);
      const old = new Date(Date.now() - 121_000);
      utimesSync(join(folder, 'lock-1'), old, old);
      await expect(currentHolder(folder, proc)).resolves.toBeUndefined();
      await (await takeLock(folder, proc)).release();
    }),
  );

  onLinux('can be taken if its holder ended with an earlier boot', () =>
    withHidden(`earlier/${process.pid}/4711`, async (folder, proc) => {
      await expect(currentHolder(folder, proc)).resolves.toBeUndefined();
      await (await takeLock(folder, proc)).release();
    }),
  );
});

it('never uses a number twice', () =>
  inFolder(async (folder) => {
    for (let count = 0; count < 3; count++) await (await takeLock(folder)).release();
    expect(readdirSync(folder)).toEqual(['lock-3']);
    expect(readFileSync(join(folder, 'lock-3'), 'utf8')).toContain('released');
  }));
